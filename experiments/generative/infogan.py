"""InfoGAN: a categorical and two continuous codes that the image must tell, found without a label.

Paper: Chen, Duan, Houthooft, Schulman, Sutskever, Abbeel, "InfoGAN: Interpretable Representation Learning by Information Maximizing
Generative Adversarial Nets", 2016. Reproduced: the categorical code as a classifier of digits, traversals of every code.
What makes the category a digit on MNIST (one seed each; DCGAN's networks with a posterior of learnt deviations had stayed at 53 to 73 %):
the authors' dense layers on both sides; batch norm in the posterior (39 % at 2,000 steps, 66 % without it, where the discriminator won; a twin
in PyTorch); continuous codes of fixed deviation (15 % at 6,000 steps; learnt, they became switches between digits: 40 %); little noise.
`small`: MNIST, a quarter of the paper's widths, 12,000 steps, 14 minutes for 3 seeds on one core: error 14.2 ± 2.5 %, the paper 5 %; 13.2, 12.4
and 17.0 % at the end, 11.6, 11.5 and 16.6 % half way. At constant rates 7.9, 22.2 and 23.2 % (seed 2 had been at 12.2 % half way). Around it,
one seed each: twice the width 14.2 % at 8,000 steps, stronger warps 26 %, weaker 24 %, the continuous codes at 0.3 and at 2 of their weight
20 and 30 %; with half the steps 4, 8 or 32 noise codes 29 to 35 %. Noise of 0.3 on what both players see (3 seeds): 12.6 ± 2.5 % (10.0, 12.9
and 14.9, falling to the end), in twice the steps 21.1 ± 10.0 (30.7, 10.6, 22.1): which digits share a category is settled early. A slant
code that turns an upright 5 into a 3 is what is left. `default`: scikit-learn's digits, 4 minutes for 3 seeds on one core: error 20.4 ± 7.9 %
(11.8, 22.3, 27.2), mean confidence 0.952, all 10 classes, LeNet-FID 7.2 ± 1.2 (real against real 1.7). `paper`: for a GPU, not run.
Command: python -m dlcv.run --config=experiments/generative/infogan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue

CHEN = dict(value=0.05, source="Chen et al. 2016, section 7.2, MNIST")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task = "infogan"
    config.task_kw.update(codes=62 if rung == "paper" else 16, category_scale=3**0.5)
    config.optimizer.generator.learning_rate = 1e-3
    config.ema.subtrees = ("generator", "discriminator", "posterior")
    if rung in ("default", "small"):  # a style that warps make is no category
        config.task_kw.augmentation = (("affine", dict(shift=2.0, rotate=15.0, shear=15.0, scale=0.15)),)
    if rung == "paper":  # of section 7.2, not DCGAN's CIFAR-10
        config.data, config.task_kw.width = dict(name="mnist"), 64
    if rung == "small":
        config.update(steps=12_000, eval_every=2000, score_every=2000, checkpoint_every=2000)
        config.task_kw.update(hidden=64, judge="")
        config.start.source, config.select.metric = "", ""
        for player, rate in (("discriminator", 2e-4), ("generator", 1e-3)):
            config.optimizer[player].update(learning_rate=rate, schedule="cosine")
    if rung in ("small", "paper"):
        config.reference = {"codes/error": CHEN}
    return config
