"""What lectures say of attention, shown by the layers: worked example, masks, permutations, causality, why sqrt(D), sinusoids that count.

Papers: Vaswani et al., "Attention Is All You Need", 2017; Raffel et al., "Exploring the Limits of Transfer Learning", 2020 (masks);
Bahdanau, Cho and Bengio, 2015 (the recurrent decoder). Reproduced: scores 112 and 96 become weights 0.88 and 0.12; differences that must be 0
are; logits have variance D, and 1 when divided by sqrt(D). Nothing is trained; notebooks/attention.ipynb goes through the figures.
Command: python -m dlcv.run --config=experiments/attention/demonstrations.py
`default`: half a minute, 5 seeds. At D = 1,024 logits have variance 1,023 ± 4 and weights over 400 keys an entropy of 0.16 ± 0.01 nats;
divided by sqrt(D) 0.999 ± 0.004 and 5.50 ± 0.001. The gradient from later inputs is exactly 0.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    study_kw = dict(widths=(4, 16, 64, 256, 1024), key_count=400)
    if rung == "smoke":
        study_kw = dict(widths=(4, 16), key_count=20)
    return base.study("attention_demonstrations", study_kw=study_kw, seeds=2 if rung == "smoke" else 5)
