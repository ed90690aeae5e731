"""GAN with R1: the squared gradient of the discriminator at real images is a penalty, under which the game converges near its end.

Paper: Mescheder, Geiger, Nowozin, "Which Training Methods for GANs do actually Converge?", 2018. Reproduced: samples of digits under the
non-saturating loss with gamma 10, no normalisation in the discriminator.
As an arm of gan_losses.py, 1,000 steps at `default`, about 1.5 minutes for 3 seeds: LeNet-FID 13.9 ± 2.1 (real against real 1.7).
Command: python -m dlcv.run --config=experiments/generative/r1_gan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.update(penalty="r1", norm="none")
    return config
