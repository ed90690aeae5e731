"""Ring of 8 Gaussians: how many modes a plain GAN covers, one with a mode-seeking term, and a Wasserstein critic under its penalty.

Papers: Goodfellow et al., "Generative Adversarial Nets", 2014; Mao, Lee, Tseng, Ma, Yang, "Mode Seeking Generative Adversarial Networks
for Diverse Image Synthesis", 2019; Gulrajani et al., "Improved Training of Wasserstein GANs", 2017. The ring and its score: Metz et al.,
"Unrolled Generative Adversarial Networks", 2017, and Srivastava et al., "VEEGAN", 2017. Reproduced: mode collapse and what lessens it.
Command: python -m dlcv.run --config=experiments/generative/ring.py
`default`: 2.5 minutes on one CPU core, 5 seeds, modes covered of 8 after 3,000 steps: plain 6.4 ± 3.0 (one seed has a single mode),
mode seeking (weight 0.1) 8.0 ± 0.0, Wasserstein 7.4 ± 0.5; within 3 deviations of a mode lie 20 ± 13, 45 ± 9 and 11 ± 6 % of the samples.
Mode seeking's gain in that share is +24 points (95 % interval +3 to +46), in modes +1.6 (-2.2 to +5.4): the seeds differ too much.
More modes: grid.py. Beyond `default` there is nothing to scale: points_gan.py has the long runs.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")
SOURCE = "experiments/generative/points_gan.py"
ARMS = (
    ("plain", SOURCE, {}),
    ("mode seeking", SOURCE, {"task_kw.mode_seeking": 0.1}),
    ("Wasserstein, gradient penalty", SOURCE, {
        "task_kw.loss": "wasserstein", "task_kw.penalty": "gradient", "task_kw.penalty_weight": 0.1, "task_kw.discriminator_steps": 5,
    }),
)  # fmt: skip
METRICS = (("modes/covered", "modes covered of 8"), ("modes/high_quality", "share within 3 deviations"))
VEEGAN = dict(value=1.0, source="a GAN of other networks in Srivastava et al. 2017, unverified")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    arms, seeds = (ARMS[:2], 1) if rung == "smoke" else (ARMS, 5)
    study = dict(arms=arms, rung=rung, metrics=METRICS)
    return base.study("generators", study_kw=study, seeds=seeds, reference={"plain/modes/covered": VEEGAN})
