"""LSGAN: the discriminator's logits are drawn to 1 and 0 by least squares, and a sample far from the boundary still feels a gradient.

Paper: Mao, Li, Xie, Lau, Wang, Smolley, "Least Squares Generative Adversarial Networks", 2017. Reproduced: samples of digits.
Command: python -m dlcv.run --config=experiments/generative/lsgan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.loss = "least_squares"
    return config
