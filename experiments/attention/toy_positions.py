"""Why positions matter: the toy of sequences with every kind of position, and without.

Papers: Vaswani et al., "Attention Is All You Need", 2017; Su et al., "RoFormer", 2021; Raffel et al., "Exploring the Limits of Transfer
Learning", 2020; Press, Smith and Lewis, "Train Short, Test Long", 2022 (ALiBi, made for causal attention: under attention both ways its
bias is the same for the letter before and the letter after). Reproduced: accuracy of the missing numbers, paired over 3 seeds.
Command: python -m dlcv.run --config=experiments/attention/toy_positions.py
`default`: about a minute an arm, 3 seeds. Accuracy without positions 66.2 ± 0.0 % (exact match 8.2 %); sinusoidal, learned, rotary and relative
100.0 ± 0.0 %; ALiBi 76.8 ± 0.1 % (exact match 26.2 ± 0.3 %).
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    kinds = ("none", "sinusoidal", "learned", "rotary", "relative", "alibi")
    arms = tuple((kind, {"task_kw.positions": kind}) for kind in (kinds[:2] if rung == "smoke" else kinds))
    source, metrics = "experiments/attention/toy_sequences.py", ("valid/accuracy", "valid/exact_match")
    study_kw = dict(source=source, rung=rung, arms=arms, metrics=metrics, changes={})
    return base.study("paired_arms", study_kw=study_kw, seeds=1 if rung == "smoke" else 3)
