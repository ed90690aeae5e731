"""Sketch-RNN on sheep, as thousands of people drew one each: more points a drawing than kanji have, and no two alike.

Paper: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017. Reproduced: sheep drawn from the prior by temperature, redrawn from
the code of another, and walks between two; points inside a line dropped at random in training.
Command: python -m dlcv.run --config=experiments/recurrence/sketch_rnn_sheep.py:small --data_dir=DATA
`small`, sheep of at most 140 points (two thirds of them), sized for a CPU. `paper` is sketch_rnn.py's.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

RUNGS = ("smoke", "small", "paper")


def get_config(rung: str = "small"):
    base.check_rung(rung, RUNGS)
    config = catalogue.load(f"experiments/recurrence/sketch_rnn.py:{rung}")
    config.task_kw.thin = 0.1
    if rung == "small":
        config.update(steps=5000, eval_every=1000, checkpoint_every=500)
        config.data = dict(name="aaron_sheep", longest=140)
        config.task_kw.update(size="medium", kl_rate=0.9995)
        config.optimizer.update(learning_rate=2e-3, warmup=100)
    return config
