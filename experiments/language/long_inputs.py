"""Long inputs: dates with attention, without it, and without it with the source reversed, by the length of the source.

Papers: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", 2015 (figure 2); Sutskever,
Vinyals and Le, "Sequence to Sequence Learning with Neural Networks", 2014 (the reversed source).
Reproduced: accuracy against length, with and without attention at equal size, paired over 3 seeds.
Command: python -m dlcv.run --config=experiments/language/long_inputs.py
Expected time: 9 minutes on two cores.
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
