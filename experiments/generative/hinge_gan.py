"""SN-GAN: the hinge loss under a discriminator whose layers have spectral norm 1.

Papers: Miyato, Kataoka, Koyama, Yoshida, "Spectral Normalization for Generative Adversarial Networks", 2018; Lim and Ye, "Geometric GAN",
2017, for the loss. Reproduced: samples of digits; spectral norm takes the place of batch norm in the discriminator.
As an arm of gan_losses.py, 1,000 steps at `default`, about a minute for 3 seeds: LeNet-FID 14.2 ± 0.9 (real against real 1.7).
Command: python -m dlcv.run --config=experiments/generative/hinge_gan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.update(loss="hinge", norm="none", spectral=True)
    return config
