"""Long inputs: dates with attention, without it, and without it with the source reversed, by the length of the source.

Papers: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", 2015 (figure 2); Sutskever,
Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014 (the reversed source).
Reproduced: accuracy against length, with and without attention at equal size, paired over 3 seeds.
Command: python -m dlcv.run --config=experiments/language/long_inputs.py
`default`, 5 minutes on one core, 3 seeds, 600 steps: exact match of sources of more than 60 characters 100.0 ± 0.0 % with attention,
53.1 ± 4.7 % without it (same widths: 219,087 and 202,703 parameters), 5.6 ± 2.8 % with the source reversed (presumably since
the year, which is written first, already comes last in most sources). The papers state no number for dates. The score that lets every
decoder step see every encoder state has 16,384 parameters; a matrix for each of the 1,320 pairs would have 21.6 million.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
DATES, WITHOUT = "experiments/language/dates.py", "experiments/language/dates_without_attention.py"


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    arms = (
        ("attention", DATES, {}),
        ("without attention, source reversed", WITHOUT, {"task_kw.direction": "reversed"}),
        ("without attention", WITHOUT, {}),
    )
    arms = arms[::2] if rung == "smoke" else arms
    return base.study("by_length", study_kw=dict(arms=arms, rung=rung), seeds=1 if rung == "smoke" else 3)
