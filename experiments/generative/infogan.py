"""InfoGAN: a categorical and two continuous codes that the image must tell, found without a label.

Paper: Chen, Duan, Houthooft, Schulman, Sutskever, Abbeel, "InfoGAN: Interpretable Representation Learning by Information Maximizing
Generative Adversarial Nets", 2016. Reproduced: the categorical code as a classifier of digits, traversals of every code.
Command: python -m dlcv.run --config=experiments/generative/infogan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue

CHEN = dict(value=0.05, source="Chen et al. 2016, section 7.2, MNIST")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/dcgan.py:{rung}")
    config.task = "infogan"
    config.task_kw.update(codes=62, trunk=False, weights=(1.0, 0.1))
    config.optimizer.generator.learning_rate = 1e-3
    if rung == "small":
        config.reference = {"codes/error": CHEN}
    return config
