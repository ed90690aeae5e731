"""Grid of 25 Gaussians: how many modes a plain GAN covers, and one with a mode-seeking term.

Papers: Srivastava, Valkov, Russell, Gutmann, Sutton, "VEEGAN: Reducing Mode Collapse in GANs using Implicit Variational Learning", 2017, for
the grid and its score; Mao, Lee, Tseng, Ma, Yang, "Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis", 2019.
Reproduced: modes that are lost where there are many, and what the term brings back; networks of twice ring.py's width, twice its steps. The
term weighs 2, twenty times as much as there: points lie further apart, and the term shrinks with their distance.
Command: python -m dlcv.run --config=experiments/generative/grid.py
`default`, 3 minutes on one core, 5 seeds: plain 15.2 ± 3.4 of 25 modes with 13 ± 13 % of the samples within 3 deviations of one, mode seeking
17.4 ± 4.2 and 20 ± 7 %; the difference +2.2 with the interval -7.1 to 11.5. Both draw rays between the modes (the picture of every seed).
Beyond `default` there is nothing to scale.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")
SOURCE = "experiments/generative/points_gan.py"
ARMS = (("plain", SOURCE, {}), ("mode seeking", SOURCE, {"task_kw.mode_seeking": 2.0}))
METRICS = (("modes/covered", "modes covered of 25"), ("modes/high_quality", "share within 3 deviations"))
LONGER = (("task_kw.width", 128), ("steps", 6000))
VEEGAN = dict(value=3.3, source="a GAN of other networks in Srivastava et al. 2017, unverified")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    changes = (("data.shape", "grid"), *(() if rung == "smoke" else LONGER))
    study = dict(arms=ARMS, rung=rung, metrics=METRICS, changes=changes)
    return base.study(
        "generators", study_kw=study, seeds=1 if rung == "smoke" else 5, reference={"plain/modes/covered": VEEGAN}
    )
