"""Many to many: one network for all steps, one for each step, and one with a state, by parameters and by what they cannot do.

Paper: Elman, "Finding Structure in Time", 1990. Reproduced: a lecture's three designs on bits: without a state neither the place nor the
past can be told, with a network a step the place but not the past, and no sequence longer than those trained on; with a state all.
Command: python -m dlcv.run --config=experiments/recurrence/many_to_many.py
`default`: a minute, 3 seeds. On the past: 56 % right without a state (9 of 16, the first bit being free), 100 % with one, on 16 steps too.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    study = dict(steps=8, longer=16, width=16, updates=1500)
    if rung == "smoke":
        study = dict(steps=3, longer=5, width=4, updates=3)
    return base.study("many_to_many", study_kw=study, seeds=1 if rung == "smoke" else 3)
