"""MSGAN without a condition: DCGAN's pair of networks with the mode-seeking term and without.

Paper: Mao, Lee, Tseng, Ma, Yang, "Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis", 2019, whose term needs no
condition. Reproduced: diversity (mean distance between two samples in a classifier's features), LeNet-FID, and NDB and JSD of bins of
those features, 5 paired seeds, the difference with its interval. The same on points and on stacked digits: ring.py, stacked_digits.py.
Command: python -m dlcv.run --config=experiments/generative/unconditional_msgan.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base

SOURCE = "experiments/generative/dcgan.py"
ARMS = (("DCGAN", SOURCE, {}), ("mode seeking", SOURCE, {"task_kw.mode_seeking": 0.1}))
METRICS = (
    ("lenet/diversity", "diversity"), ("lenet/frechet", "LeNet-FID"), ("lenet/ndb", "NDB/K"), ("lenet/jsd", "JSD"),
    ("lenet/confidence", "confidence"), ("lenet/classes", "classes"),
)  # fmt: skip


def get_config(rung: str = "default"):
    base.check_rung(rung)
    if rung == "smoke":
        study = dict(arms=ARMS, rung=rung, metrics=(("valid/told", "told"),))
        return base.study("generators", study_kw=study, seeds=1)
    return base.study("generators", study_kw=dict(arms=ARMS, rung=rung, metrics=METRICS), seeds=5)
