"""Heterogeneous adaptation: source and target in features of different width, three target samples a class labelled.

Papers: Tsai, Yeh and Wang, "Learning Cross-Domain Landmarks for Heterogeneous Domain Adaptation", 2016 (CDLS); Wang and Breckon,
"Cross-Domain Structure Preserving Projection for Heterogeneous Domain Adaptation", 2022 (CDSPP). Reproduced: accuracies over random
draws (20 source samples a class, DSLR 8) beside 1-NN and a support vector machine on the labelled target samples alone.
Command: python -m dlcv.run --config=experiments/adaptation/heterogeneous.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    study_kw = dict(features="pixels to gradients" if rung in ("smoke", "default") else "surf to decaf6")
    if rung == "smoke":
        study_kw["tasks"] = ("C->T",)
    return base.study("heterogeneous", study_kw=study_kw, seeds=2 if rung == "smoke" else 10)
