"""Colourisation by squared error: grey pictures painted in the mean of the colours that fit.

Paper: Zhang, Isola and Efros, "Colorful Image Colorization", 2016, section 2.1 (what squared error does). Reproduced: squared error and
colourfulness of the answer beside the truth's; the decoder starts as that of colour_autoencoder.py, trained on demand.
Command: python -m dlcv.run --config=experiments/generative/colourisation.py[:small --data_dir=DATA]
`default`: scenes of digits, whose grey tells no colour; a minute for 3 seeds on one core, a third of it the autoencoder: squared error 0.1588 ±
0.0005, colourfulness 0.189 ± 0.002 where the truth has 0.365; the answer keeps the grey it is given, only its colours are guessed.
`small`: CIFAR-10, 14 minutes for 3 seeds on one busy core, half of them the autoencoder: squared error 0.0188 ± 0.0002, colourfulness 0.052 ±
0.000 where the truth has 0.122: browns and the grey of skies, no red car and no green field.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/colour_autoencoder.py:{rung}")
    config.task, config.select.metric = "colourisation", "valid/squared_error"
    config.optimizer = base.optimizer("adam", 1e-3, schedule="cosine")
    config.score_every = 0
    config.elsewhere = dict(changes=(("start.source", ""),), told="the decoder begins afresh")
    source = f"experiments/generative/colour_autoencoder.py:{rung}"
    config.start.update(source=source, rules=((r"(decoder/.*)", r"\1"),))
    if rung == "smoke":
        config.start.source = ""
    return config
