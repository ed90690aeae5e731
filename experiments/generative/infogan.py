"""InfoGAN: a categorical and two continuous codes that the image must tell, found without a label.

Paper: Chen, Duan, Houthooft, Schulman, Sutskever, Abbeel, "InfoGAN: Interpretable Representation Learning by Information Maximizing
Generative Adversarial Nets", 2016. Reproduced: the categorical code as a classifier of digits, traversals of every code.
What makes the category a digit on MNIST (one seed each; DCGAN's networks with a posterior of learnt deviations had stayed at 53 to 73 %):
the authors' dense layers on both sides; batch norm in the posterior (39 % at 2,000 steps, 66 % without it, where the discriminator won; a twin
in PyTorch); continuous codes of fixed deviation (15 % at 6,000 steps; learnt, they became switches between digits: 40 %); little noise.
Then what a digit and its slant share was left to chance: 14.2 ± 2.5 % at `small` (13.2, 12.4, 17.0) and 20.4 ± 7.9 % at `default`, a slant code
turning an upright 5 into a 3. Of some twenty changes (one to three seeds each: constant rates 7.9, 22.2, 23.2 %; twice the width 14 %; other
warps, weights and numbers of noise codes 20 to 35 %; noise on the images 10.0, 12.9, 14.9 %) none made two of three seeds fall below 10 %.
`agreement` does: two warps of a real image must have one category (Ojha, Singh, Hsieh, Lee, "Elastic-InfoGAN: Unsupervised Disentangled
Representation Learning in Class-Imbalanced Data", 2020). No label is used; without it: --config.task_kw.agreement=0.0.
`small`: MNIST, a quarter of the paper's widths, 12,000 steps, 17 minutes for 3 seeds on one core: error 7.4 ± 4.5 % (4.2, 12.6, 5.4), the
paper 5 %; code 1 is slant, code 2 thickness. `default`: scikit-learn's digits, 4 minutes: error 12.6 ± 4.0 %, mean confidence 0.980, all 10
classes, LeNet-FID 7.9 ± 0.4 (real against real 1.7). `paper`: for a GPU, not run.
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
        config.task_kw.agreement = 1.0
        config.task_kw.augmentation = (("affine", dict(shift=2.0, rotate=15.0, shear=15.0, scale=0.15)),)
    if rung == "paper":  # of section 7.2, not DCGAN's CIFAR-10
        config.data, config.task_kw.width = dict(name="mnist"), 64
    if rung == "small":
        config.update(steps=12_000, eval_every=2000, score_every=2000, checkpoint_every=2000)
        config.task_kw.hidden = 64
        for player, rate in (("discriminator", 2e-4), ("generator", 1e-3)):
            config.optimizer[player].update(learning_rate=rate, schedule="cosine")
    if rung in ("small", "paper"):  # the error needs no judge of samples
        config.task_kw.judge = config.start.source = config.select.metric = ""
        config.reference = {"codes/error": CHEN}
    return config
