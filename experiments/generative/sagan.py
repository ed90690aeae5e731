"""SAGAN: self-attention inside a convolutional generator and discriminator, and pictures of where it looks.

Paper: Zhang, Goodfellow, Metaxas, Odena, "Self-Attention Generative Adversarial Networks", 2019. Reproduced: attention in one map of both
networks, spectral norm in both, hinge loss, the discriminator at four times the generator's learning rate. The paper draws ImageNet's
classes at 128 pixels (FID 18.65, unverified), at no size that is trained here.
Command: python -m dlcv.run --config=experiments/generative/sagan.py[:small --data_dir=DATA]
`default`, 5 minutes for 3 seeds on one core: LeNet-FID 11.9 ± 0.9 (real against real 1.7; DCGAN 11.4 ± 1.3), confidence 0.79, 10 classes.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.update(architecture="sagan", loss="hinge", norm="none", spectral=True)
    rates = dict(discriminator=4e-4, generator=1e-4)
    config.optimizer = {
        player: base.optimizer("adam", rate, options=dict(b1=0.0, b2=0.9)) for player, rate in rates.items()
    }
    return config
