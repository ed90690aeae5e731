"""Adversarial colourisation: absolute error and a discriminator of patches, which refuses the mean of all colours.

Paper: Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017. Reproduced: colourfulness of
the answer beside the truth's and beside that of colourisation.py. Both losses weigh 1 here, the absolute error 100 times as much there.
Command: python -m dlcv.run --config=experiments/generative/adversarial_colourisation.py[:small --data_dir=DATA]
`default`: scenes of digits, whose grey tells no colour; a minute and a half for 3 seeds on one core: colourfulness 0.362 ± 0.009, where squared
error has 0.189 ± 0.002 and the truth 0.365, at a squared error of 0.271 ± 0.010 against 0.159. What was a dull mean of red and blue becomes
either, patch by patch: a patch of 16 pixels does not see that the ground has one colour. `small`: CIFAR-10, 6 minutes
for 3 seeds on one core: colourfulness 0.100 ± 0.007, where squared error has 0.052 and the truth 0.122, at a squared error of 0.0245 ± 0.0017
against 0.0188: blue skies and cars, green grass, brown dogs. At `default`'s rates the discriminator won and a seed stayed grey.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/colourisation.py:{rung}")
    config.task_kw.adversarial = 1.0
    adam = dict(name="adam", options=dict(b1=0.5))
    rates = (1e-3, 2e-4) if rung in ("small", "paper") else (5e-4, 1e-3)
    config.optimizer = {
        player: base.optimizer(learning_rate=rate, **adam)
        for player, rate in zip(("painter", "discriminator"), rates, strict=True)
    }
    if rung == "default":
        config.steps = 500
    if rung == "smoke":
        config.task_kw.width = 4
    return config
