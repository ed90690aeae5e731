"""Adversarial colourisation: absolute error and a discriminator of patches, which refuses the mean of all colours.

Paper: Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017. Reproduced: colourfulness of
the answer beside the truth's and beside that of colourisation.py; the weight of the absolute error is 100 times the adversarial one's.
Command: python -m dlcv.run --config=experiments/generative/adversarial_colourisation.py[:small --data_dir=DATA]
`default`, 14 minutes for 3 seeds on one busy core: squared error 0.112 ± 0.003, colourfulness 0.155 ± 0.009 (squared error alone 0.147 ± 0.002,
truth 0.271): hardly more colour at this weight and length.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/colourisation.py:{rung}")
    config.task_kw.adversarial = 0.1
    adam = dict(name="adam", options=dict(b1=0.5))
    painter, discriminator = base.optimizer(learning_rate=5e-4, **adam), base.optimizer(learning_rate=2e-4, **adam)
    config.optimizer = dict(painter=painter, discriminator=discriminator)
    if rung == "default":
        config.steps = 1500
    if rung == "smoke":
        config.task_kw.width = 4
    return config
