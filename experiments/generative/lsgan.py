"""LSGAN: the discriminator's logits are drawn to 1 and 0 by least squares, and a sample far from the boundary still feels a gradient.

Paper: Mao, Li, Xie, Lau, Wang, Smolley, "Least Squares Generative Adversarial Networks", 2017. Reproduced: samples of digits.
As an arm of gan_losses.py, 1,000 steps at `default`, about a minute for 3 seeds: LeNet-FID 15.0 ± 0.9 (real against real 1.7).
Command: python -m dlcv.run --config=experiments/generative/lsgan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.loss = "least_squares"
    return config
