"""Conditional GAN: both players are told the class, as one-hot maps beside the image and beside the noise.

Paper: Mirza, Osindero, "Conditional Generative Adversarial Nets", 2014. Reproduced: digits of the class that is asked for, and the share
that an independent classifier takes for it (as_asked); DCGAN's networks.
`default`, 2 minutes for 3 seeds on one core: 98.3 ± 0.8 % as asked, confidence 0.980, LeNet-FID 4.6 ± 0.4 (real against real 1.7).
Command: python -m dlcv.run --config=experiments/generative/conditional_gan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.condition = "class"
    return config
