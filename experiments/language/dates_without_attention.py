"""Dates to ISO form through one vector: the same encoder-decoder without attention, at equal size.

Papers: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation", 2014 (the decoder
sees the encoder's last state at every step); Sutskever, Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014
(attention="none": in its first state alone). Reproduced: what falls off with the length of the source, `long_inputs` compares.
Command: python -m dlcv.run --config=experiments/language/dates_without_attention.py
Expected time: 3 minutes on two cores.
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/language/dates.py:{rung}")
    config.task_kw.attention = "last"
    return config
