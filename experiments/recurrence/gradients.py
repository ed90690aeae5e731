"""Gradients through time: vanishing, exploding, gated, by attention, and clipped at a cliff.

Papers: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", 2013; Hochreiter, Schmidhuber, "Long
Short-Term Memory", 1997. Reproduced: the norm of d state_T / d state_t against distance for singular values of W below, at and above
1, for LSTM and GRU, beside attention's single product; figure 6 of Pascanu et al. with the clipping of their algorithm 1 and a
lecture's rule that squares the norm; the lecture's comparison table. A singular value above 1 is necessary for exploding, not
sufficient: the linear network explodes, the one with tanh saturates.
Command: python -m dlcv.run --config=experiments/recurrence/gradients.py
`default`: half a minute. Over 60 steps, 5 seeds: a linear network with singular values 1.1 gains a factor of 304, with tanh 0.025 is left;
LSTM 0.019 ± 0.004, GRU 4.5e-9; with the bias 4 at the gate that keeps, a GRU has 0.37 ± 0.01 left and an LSTM gains a factor of 54 ± 42;
attention is as near to all steps.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    study = dict(steps=60, width=32, singular_values=(0.9, 1.0, 1.1, 2.0), inputs=0.2, cliff_updates=60)
    if rung == "smoke":
        study = dict(steps=5, width=4, singular_values=(0.9, 1.0), inputs=0.2, cliff_updates=3)
    return base.study("gradients_through_time", study_kw=study, seeds=1 if rung == "smoke" else 5)
