"""CNN on captioned scenes of digits: the classifier that tells whether a picture drawn from a sentence shows the digit asked for.

Paper: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, with strides and batch norm.
Reproduced: a judge of any size, place and colour of the digit.
Command: python -m dlcv.run --config=experiments/vision/cnn_on_scenes.py
`small` and `paper` are `default`: the scenes are embedded.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/vision/cnn_in_colour.py:{'smoke' if rung == 'smoke' else 'default'}")
    config.data = dict(name="captioned_digits")
    if rung != "smoke":
        config.update(steps=1000, eval_every=250, checkpoint_every=250)
        config.data.draws, config.task_kw.size = 12, "scenes"
    return config
