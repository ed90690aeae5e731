"""Cells of a character model that tell where in a program it is: strings, comments, brackets, column, indentation.

Paper: Karpathy, Johnson, Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015. Reproduced: text coloured by one cell, here
with every cell searched against labels of a lexer, F1 or |r| on text that the cell was not chosen on, beside shifted labels (the
paper shows cells found by eye and states no number).
Command: python -m dlcv.run --config=experiments/recurrence/interpretable_cells.py[:small --data_dir=DATA]; open WORKDIR/cells.html.
A trained model: --config.study_kw.source=WORKDIR
`default`, 7 minutes on a busy core for 3 seeds, best cell on held-out source of Python's library: indentation F1 0.98 ± 0.00, comments or
strings 0.88 ± 0.01, brackets 0.75 ± 0.04, strings 0.66 ± 0.02, comments 0.51 ± 0.02; column |r| 0.70 ± 0.04, depth 0.51 ± 0.14. 85 ± 12 of 256
units tell some label at 0.7 or more. Colours are tanh c, as the cell shows it: the column's is in c, where tanh no longer moves.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    study = dict(
        source="experiments/recurrence/char_lm.py:default", changes={}, language="python",
        characters=40_000, shifts=5,
    )  # fmt: skip
    if rung == "smoke":
        study.update(source="experiments/recurrence/char_lm.py:smoke", characters=700, shifts=2, shown=200)
        study["changes"] = dict(data=dict(name="code", length=16, limit=8000))
    if rung == "small":  # Linux source, C
        study.update(language="c", changes=dict(data=dict(name="linux", length=64)))
    return base.study("interpretable_cells", seeds=1 if rung == "smoke" else 3, study_kw=study)
