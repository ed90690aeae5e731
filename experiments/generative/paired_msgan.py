"""MSGAN on image pairs: pix2pix with a code, which it learns to ignore, against the same with the mode-seeking term.

Paper: Mao, Lee, Tseng, Ma, Yang, "Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis", 2019, section 4.2. Reproduced:
diversity between the answers to two codes (pixels, and a classifier's features) and the distance to real images (LeNet-FID, NDB and JSD),
5 paired seeds, the difference with its interval. The paper on maps: LPIPS and FID 169.0 to 152.4 (unverified), in features we do not have.
Command: python -m dlcv.run --config=experiments/generative/paired_msgan.py[:small --data_dir=DATA]
`default`: a digit on any photograph (embedded), 300 steps, 8 minutes on one very busy core: the code is not ignored here, and the term at 0.5
changes nothing that 5 pairs can tell: pixel diversity 0.46 ± 0.04 to 0.47 ± 0.03 (interval of the difference -0.07 to 0.09), LeNet-FID
31.9 ± 3.1 to 30.9 ± 3.7 (-9.1 to 6.9; real against real 12). The paper's weight, 1, is untried.
`small`: aerial photographs from maps, in pixels and in the features of CIFAR-10 classifiers (which needs that set too).
"""

from dlcv.engine import config as base

SOURCE = "experiments/generative/pix2pix.py"
WITH_CODE = {
    "task_kw.codes": 8,
    "task_kw.l1": 10.0,
    "task_kw.dropout": 0.0,
}  # the paper's weight of L1; the code is the only noise
JUDGE = "experiments/vision/cnn_in_colour.py:default"
PAIRS = dict(name="digit_pairs", direction="a_to_b")
IN_COLOUR = {"task_kw.judge": JUDGE, "start.source": JUDGE, "data": PAIRS, "steps": 300}
METRICS = (("valid/diversity", "pixel diversity"), ("valid/l1", "L1 to the true image"))
DIGITS = (
    ("valid/perceptual", "feature diversity"), ("lenet/frechet", "LeNet-FID"), ("lenet/ndb", "NDB/K"), ("lenet/jsd", "JSD"),
    ("valid/as_asked", "as asked"),
)  # fmt: skip
MAPS = (
    ("valid/perceptual", "feature diversity"), ("cifar/frechet", "CIFAR-FID"), ("cifar/ndb", "NDB/K"), ("cifar/jsd", "JSD"),
)  # fmt: skip
JUDGED = {"default": DIGITS, "small": MAPS}


def get_config(rung: str = "default"):
    base.check_rung(rung)
    changes = WITH_CODE | (IN_COLOUR if rung == "default" else {})
    arms = (
        ("pix2pix with a code", SOURCE, changes),
        ("mode seeking", SOURCE, {**changes, "task_kw.mode_seeking": 0.5 if rung == "default" else 1.0}),
    )
    study = dict(arms=arms, rung=rung, metrics=(*METRICS, *JUDGED.get(rung, ())))
    return base.study("generators", study_kw=study, seeds=1 if rung == "smoke" else 5)
