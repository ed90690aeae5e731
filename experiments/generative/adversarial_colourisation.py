"""Adversarial colourisation: absolute error and a discriminator of patches, which refuses the mean of all colours.

Paper: Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017. Reproduced: colourfulness of
the answer beside the truth's and beside that of colourisation.py. Both losses weigh 1 here, the absolute error 100 times as much there.
Command: python -m dlcv.run --config=experiments/generative/adversarial_colourisation.py[:small --data_dir=DATA]
`default`, 5 minutes for 3 seeds on one busy core: squared error 0.071 ± 0.005, colourfulness 0.149 ± 0.017, where squared error alone has
0.142 ± 0.002 and the truth 0.271: deeper colours where it colours (the pictures), but not sure over seeds, and most stays grey, since the
discriminator is still at chance after these steps (its loss 1.38 of 1.39). At a tenth of the weight: 0.138 ± 0.004 after as many steps.
Probes of one seed, 400 to 800 steps: the photographs held out are others than those trained on, whose colourfulness is 0.204, so no painter is
to reach 0.271 here. Kernels of the discriminator that begin He-normal (DCGAN's 0.02 fades without batch norm) and a rate of 2e-3 wake it:
0.185. On --config.data.name=captioned_digits, where grey tells no colour, with these: squared error 0.169, adversarial 0.474, truth 0.365, the
answers vivid and in blotches. Neither is the default before it is measured over seeds.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/colourisation.py:{rung}")
    config.task_kw.adversarial = 1.0
    adam = dict(name="adam", options=dict(b1=0.5))
    painter, discriminator = base.optimizer(learning_rate=5e-4, **adam), base.optimizer(learning_rate=1e-3, **adam)
    config.optimizer = dict(painter=painter, discriminator=discriminator)
    if rung == "default":
        config.steps = 500
    if rung == "smoke":
        config.task_kw.width = 4
    return config
