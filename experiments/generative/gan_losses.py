"""GAN losses side by side: DCGAN's pair of networks under seven games, over the same seeds and data.

Papers: Goodfellow et al., "Generative Adversarial Nets", 2014, and those of the arms (lsgan.py, wgan.py, wgan_gp.py, hinge_gan.py, r1_gan.py).
Reproduced: LeNet-FID, confidence and classes of each; the saturating minimax loss too. 1,000 steps each at `default`.
`default`, 10 minutes for 3 seeds on one core (18 on a busy one), LeNet-FID (real against real 1.7): non-saturating 13.6 ± 2.3, least squares
15.0 ± 0.9, Wasserstein 13.9 ± 0.3, with the gradient penalty 10.6 ± 0.4, hinge 14.2 ± 0.9, R1 13.9 ± 2.1, and minimax 179 ± 10: its gradient is
gone and noise stays noise. But for minimax no difference to the non-saturating loss is beyond its interval.
Command: python -m dlcv.run --config=experiments/generative/gan_losses.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base
from dlcv.quality.judges import in_colour

ARMS = (
    ("non-saturating", "experiments/generative/dcgan.py", {}),
    ("minimax", "experiments/generative/dcgan.py", {"task_kw.loss": "minimax"}),
    *((name, f"experiments/generative/{name}.py", {}) for name in ("lsgan", "wgan", "wgan_gp", "hinge_gan", "r1_gan")),
)
METRICS = (("lenet/frechet", "LeNet-FID"), ("lenet/confidence", "confidence"), ("lenet/classes", "classes"))


def get_config(rung: str = "default"):
    base.check_rung(rung)
    metrics = {
        "smoke": (("valid/told", "told"),),
        "paper": in_colour(METRICS),
    }.get(rung, METRICS)
    arms = ARMS[:2] if rung == "smoke" else ARMS
    study = dict(arms=arms, rung=rung, metrics=metrics, changes=(("steps", 1000),) if rung == "default" else ())
    return base.study("generators", study_kw=study, seeds=1 if rung == "smoke" else 3)
