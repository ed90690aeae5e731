"""Sketch-RNN on sheep, as thousands of people drew one each: more points a drawing than kanji have, and no two alike.

Paper: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017. Reproduced: sheep drawn from the prior by temperature, redrawn from
the code of another, and walks between two; points inside a line dropped at random in training.
Command: python -m dlcv.run --config=experiments/recurrence/sketch_rnn_sheep.py:small --data_dir=DATA
`small`, sheep of at most 140 points (two thirds of them), sized for a CPU (128 and 320 units), 66 passes, 23 minutes a seed of one core
(--config.seeds=1), one seed: 0.311 nats a held-out point, still falling, code 7 nats. At temperature 0.4 from the prior, and 0.5 from the code
of another, most are sheep to a person: a body of wool, a head, legs (docs/sheep.png); at 0.1 the pen runs in circles. With two thirds of the
units, 1,500 steps, no point dropped and sheep of at most 100 points it was 0.683 nats, and a third were sheep.
`paper`: sketch_rnn.py's, points dropped.
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
