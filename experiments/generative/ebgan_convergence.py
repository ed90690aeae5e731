"""Does EBGAN converge better than a GAN? Both with one generator over the same seeds and steps, and EBGAN after its autoencoder's training.

Paper: Zhao, Mathieu, LeCun, "Energy-based Generative Adversarial Network", 2017, section 4.1. Reproduced: LeNet-FID over the steps.
Command: python -m dlcv.run --config=experiments/generative/ebgan_convergence.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base

EBGAN, RULES = "experiments/generative/ebgan.py", ((r"((discriminator|judge)/.*)", r"\1"),)
METRICS = (("lenet/frechet", "LeNet-FID"), ("lenet/confidence", "confidence"), ("lenet/classes", "classes"))


def get_config(rung: str = "default"):
    base.check_rung(rung)
    start = {"start.source": f"experiments/generative/ebgan_pretraining.py:{rung}", "start.rules": RULES}
    arms = (("GAN", "experiments/generative/dcgan.py", {}), ("EBGAN", EBGAN, {}), ("EBGAN, pre-trained", EBGAN, start))
    if rung == "smoke":
        return base.study("generators", study_kw=dict(arms=arms[:2], rung=rung, metrics=(("valid/told", "told"),)))
    return base.study("generators", study_kw=dict(arms=arms, rung=rung, metrics=METRICS), seeds=3)
