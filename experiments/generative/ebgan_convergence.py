"""Does EBGAN converge better than a GAN? Both with one generator over the same seeds and steps, and EBGAN after its autoencoder's training.

Paper: Zhao, Mathieu, LeCun, "Energy-based Generative Adversarial Network", 2017, section 4.1. Reproduced: LeNet-FID over 1,000 steps
at `default`, the GAN at its own learning rates and at EBGAN's, which are five times higher.
`default`, 5 minutes for 3 seeds on one core: GAN 13.6 ± 2.3, at EBGAN's rates 11.2 ± 0.5, EBGAN 10.2 ± 0.2, pre-trained 11.0 ± 1.9 (real
against real 1.7). EBGAN less GAN -3.4, interval -9.2 to 2.3; pre-trained less GAN -2.6, -4.6 to -0.5, and its confidence +0.06, 0.04 to 0.08.
The pre-trained arm's discriminator has had 500 steps more than the others'. What looks like better convergence is the rate that a GAN
takes as well: at it both show ten classes by step 200, the GAN at its own by 400.
Command: python -m dlcv.run --config=experiments/generative/ebgan_convergence.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base
from dlcv.quality.judges import in_colour

GAN, EBGAN = "experiments/generative/dcgan.py", "experiments/generative/ebgan.py"
RATES = {f"optimizer.{player}.learning_rate": 1e-3 for player in ("generator", "discriminator")}
RULES = ((r"((discriminator|judge)/.*)", r"\1"),)
METRICS = (("lenet/frechet", "LeNet-FID"), ("lenet/confidence", "confidence"), ("lenet/classes", "classes"))


def get_config(rung: str = "default"):
    base.check_rung(rung)
    start = {"start.source": f"experiments/generative/ebgan_pretraining.py:{rung}", "start.rules": RULES}
    arms = (
        ("GAN", GAN, {}),
        ("GAN at EBGAN's rates", GAN, RATES),
        ("EBGAN", EBGAN, {}),
        ("EBGAN, pre-trained", EBGAN, start),
    )
    if rung == "smoke":
        return base.study("generators", study_kw=dict(arms=arms[::2], rung=rung, metrics=(("valid/told", "told"),)))
    changes = (("steps", 1000), ("eval_every", 100), ("score_every", 100)) if rung == "default" else ()
    metrics = in_colour(METRICS) if rung == "paper" else METRICS
    return base.study("generators", study_kw=dict(arms=arms, rung=rung, metrics=metrics, changes=changes), seeds=3)
