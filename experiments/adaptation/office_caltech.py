"""Closed-form domain adaptation as a table: 14 methods on Office+Caltech beside the lecture's columns; :digits needs no files.

Paper: Zhang, Li and Ogunbona, "Joint Geometrical and Statistical Alignment for Visual Domain Adaptation", 2017, whose protocol the
columns follow: all source and target samples, 1-nearest-neighbour. Reproduced: the six printed SURF tasks and DeCAF6 W<->D.
Command: python -m dlcv.run --config=experiments/adaptation/office_caltech.py --data_dir=DATA [or the rung :digits, without data_dir]
`default` (also `small` and `paper`): 4 minutes on two cores for 300 cells of three kinds of features, compilation included; SURF
alone: --config.study_kw.features='("surf",)'. JGSA primal 47.13 % on A->D
(printed: 47.13); 49 of 76 printed numbers are met within 0.01 points: Raw, TCA, JDA, TJM and JGSA in all its forms on SURF,
JGSA on DeCAF6. `digits`: the same methods on four domains of handwritten digits, 36 s: raw 63.3 %, JGSA primal 70.2 % on average.
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung, (*base.RUNGS, "digits"))
    study_kw = {
        "smoke": dict(features=("digits",), methods=("raw", "tca", "jgsa_primal", "ot_gl"), tasks=("C->T", "B->P")),
        "digits": dict(features=("digits",)),
    }.get(rung, dict(features=("surf", "decaf6", "googlenet1024")))
    return base.study("adaptation_table", study_kw=study_kw, seeds=2 if rung == "smoke" else 10)
