"""WGAN: a critic whose weights are clipped estimates a Wasserstein distance, five updates to one of the generator.

Paper: Arjovsky, Chintala, Bottou, "Wasserstein GAN", 2017. Reproduced: samples of digits, RMSProp 5e-5 and clipping at 0.01 at `paper`;
a faster learning rate in the short runs. The gradient penalty instead of the clipping: wgan_gp.py.
As an arm of gan_losses.py, 1,000 steps at `default`, about a minute for 3 seeds: LeNet-FID 13.9 ± 0.3 (real against real 1.7).
Command: python -m dlcv.run --config=experiments/generative/wgan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task_kw.update(loss="wasserstein", clip=0.01, discriminator_steps=2 if rung == "smoke" else 5)
    rate = 5e-5 if rung == "paper" else 5e-4
    config.optimizer = dict(generator=base.optimizer("rmsprop", rate), discriminator=base.optimizer("rmsprop", rate))
    if rung == "default":
        config.update(steps=1000)
    return config
