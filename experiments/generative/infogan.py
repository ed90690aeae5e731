"""InfoGAN: a categorical and two continuous codes that the image must tell, found without a label.

Paper: Chen, Duan, Houthooft, Schulman, Sutskever, Abbeel, "InfoGAN: Interpretable Representation Learning by Information Maximizing
Generative Adversarial Nets", 2016. Reproduced: the categorical code as a classifier of digits, traversals of every code.
With 8 numbers of noise in the short runs, 62 at `paper`: after 1,000 steps on these 1,400 images the category meant nothing under 62
(error 69 %), since the noise chose the digit, and half of the digits under 8 (51 %; one seed each).
`default`: scikit-learn's digits, 5 minutes for 3 seeds on one CPU core: error of the category as a classifier 55.9 ± 2.7 % (the paper: 5 %
on MNIST), mutual-information gap 0.19 ± 0.06, all 10 classes, mean confidence 0.853, LeNet-FID 13.8 ± 1.2.
`small`: MNIST, narrow and short. One seed each, 2,000 steps of 64 images: error 72 % at the paper's rates (the discriminator too weak, the
code a smear), 56 % at 1e-3 for both with warps of what the discriminator sees (Zhao et al., "Differentiable Augmentation", 2020), 53 %
with the category 5 times as large beside the noise (as Mukherjee et al., "ClusterGAN", 2019, make the noise small): categories are then
shapes, two of them one digit. The paper's 5 % takes its widths and tens of epochs: `paper`, for a GPU, is not run yet.
Command: python -m dlcv.run --config=experiments/generative/infogan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue

CHEN = dict(value=0.05, source="Chen et al. 2016, section 7.2, MNIST")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task = "infogan"
    config.task_kw.update(codes=62 if rung == "paper" else 8, trunk=rung == "paper", weights=(1.0, 0.1))
    config.optimizer.generator.learning_rate = 1e-3 if rung in ("small", "paper") else 5e-4
    if rung == "paper":  # of section 7.2, not DCGAN's CIFAR-10
        config.data, config.task_kw.width = dict(name="mnist"), 64
    if rung == "small":
        warp = (("affine", dict(shift=2.0, rotate=15.0, shear=15.0, scale=0.15)),)
        config.task_kw.update(
            trunk=True, codes=16, width=24, weights=(1.0, 0.05), category_scale=5.0, augmentation=warp
        )
    if rung in ("small", "paper"):
        config.reference = {"codes/error": CHEN}
    return config
