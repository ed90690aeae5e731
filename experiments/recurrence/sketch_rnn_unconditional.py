"""Sketch-RNN's decoder alone: drawings from nothing, point by point.

Paper: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017, section 3.4. Reproduced: unconditional generation by temperature;
nats a point to be read beside sketch_rnn.py's, whose code pays for what it tells.
Command: python -m dlcv.run --config=experiments/recurrence/sketch_rnn_unconditional.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/recurrence/sketch_rnn.py:{rung}")
    config.task_kw.codes = 0
    return config
