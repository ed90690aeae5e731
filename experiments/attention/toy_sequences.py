"""Sequences of letters and numbers: the number is that of the letter before, so that positions are needed to recover the missing ones.

Paper: Vaswani et al., "Attention Is All You Need", 2017, section 3.5 (the toy is the lecture's). Reproduced: every missing number is right
with positions; equal letters at different places have unequal numbers here, and an encoder without positions answers them all alike.
Command: python -m dlcv.run --config=experiments/attention/toy_sequences.py [--config.task_kw.positions=none]
`default`: 600 steps, half a minute for 3 seeds: accuracy and exact match 100.0 ± 0.0 %. `paper` has the mapping drawn anew
for every sequence, of 64 places; toy_positions.py compares every kind of position.
"""

from dlcv.engine import catalogue

RUNGS = ("smoke", "default", "paper")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/attention/toy_sets.py:{rung}")
    config.data.rule, config.task_kw.positions = "before", "sinusoidal"
    if rung != "paper":
        config.data.mapping = "fixed"
    return config
