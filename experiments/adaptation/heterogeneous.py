"""Heterogeneous adaptation: source and target in features of different width, three target samples a class labelled.

Papers: Tsai, Yeh and Wang, "Learning Cross-Domain Landmarks for Heterogeneous Domain Adaptation", 2016 (CDLS); Wang and Breckon,
"Cross-Domain Structure Preserving Projection for Heterogeneous Domain Adaptation", 2022 (CDSPP). Reproduced: accuracies over random
draws (20 source samples a class, DSLR 8) beside 1-NN and a support vector machine on the labelled target samples alone.
CDLS's penalties were chosen on the digits; CDSPP's ridge, 1, among 0.1, 1 and 10, whose gains were 1.8, 7.1, 8.5 points on the digits
and 3.4, 3.8, 3.0 on Office+Caltech in a pilot on other draws.
Command: python -m dlcv.run --config=experiments/adaptation/heterogeneous.py[:small --data_dir=DATA]
`default`: 3 minutes on a busy core, pixels to oriented gradients of digits: gain over the better baseline +5.9 ± 2.2 points (CDSPP),
+5.4 ± 1.7 (CDLS) over 10 draws. `small` (also `paper`): SURF to DeCAF6, 5 minutes: 96.8 ± 1.8 % (CDSPP, +5.0 ± 2.8), 94.3 ± 1.4 %
(CDLS, +2.5 ± 1.8) against 91.7 ± 1.6 %. Tsai et al. on A->D: 96.1 ± 0.7 against 90.9 ± 1.1 (unverified).
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    study_kw = dict(features="pixels to gradients" if rung in ("smoke", "default") else "surf to decaf6")
    if rung == "smoke":
        study_kw["tasks"] = ("C->T",)
    return base.study("heterogeneous", study_kw=study_kw, seeds=2 if rung == "smoke" else 10)
