"""WGAN-GP: a Wasserstein critic whose gradient is held at norm 1 between real and fake images.

Paper: Gulrajani, Ahmed, Arjovsky, Dumoulin, Courville, "Improved Training of Wasserstein GANs", 2017. Reproduced: samples of digits;
weight 10, layer norm in place of batch norm in the critic, five updates of it at `paper` (two in the short runs), Adam (0, 0.9).
As an arm of gan_losses.py, 1,000 steps at `default`, about 2 minutes for 3 seeds: LeNet-FID 10.6 ± 0.4 (real against real 1.7).
Command: python -m dlcv.run --config=experiments/generative/wgan_gp.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.update(
        loss="wasserstein", penalty="gradient", norm="layer", discriminator_steps=5 if rung == "paper" else 2
    )
    for player in ("generator", "discriminator"):
        config.optimizer[player].update(learning_rate=1e-4 if rung == "paper" else 5e-4)
        config.optimizer[player].options = dict(b1=0.0, b2=0.9)
    if rung == "default":
        config.update(steps=1000)
    return config
