"""Three ways of processing sequences: recurrence, dilated causal convolution and self-attention on digits read pixel by pixel.

Papers: Vaswani et al., "Attention Is All You Need", 2017, table 1; Bai, Kolter, Koltun, "An Empirical Evaluation of Generic
Convolutional and Recurrent Networks for Sequence Modeling", 2018. Reproduced: accuracy with about equally many parameters, and against
length the steps seen, the products that wait for one another (T, or the depth), memory and time.
Command: python -m dlcv.run --config=experiments/recurrence/three_ways.py
`default`, 3 minutes on one core for 3 seeds: GRU 72.8 ± 2.6 %, convolution 97.0 ± 0.8 %, attention 88.3 ± 2.4 % after 400 updates. Of 512 steps
they see 512, 127 and 512, by 513, 8 and 138 products in a row (attention goes through its blocks one by one on a CPU).
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "paper")
ARMS = (
    ("recurrence (GRU)", dict(way="gru", width=56, layers=1)),
    ("dilated convolution", dict(way="convolution", width=24, layers=6)),
    ("self-attention", dict(way="attention", width=24, layers=2)),
)


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    lengths = (8, 16) if rung == "smoke" else (16, 32, 64, 128, 256, 512)
    arms = tuple((label, {**fields, "width": 8}) for label, fields in ARMS) if rung == "smoke" else ARMS
    study = dict(
        source="experiments/recurrence/sequential_digits.py",
        metric="valid/accuracy",
        arms=arms,
        lengths=lengths,
        rung=rung,
    )
    return base.study("sequence_processing", study_kw=study, seeds=1 if rung == "smoke" else 3)
