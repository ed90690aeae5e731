"""MSGAN on image pairs: pix2pix with a code, which it learns to ignore, against the same with the mode-seeking term.

Paper: Mao, Lee, Tseng, Ma, Yang, "Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis", 2019, section 4.2. Reproduced:
diversity between the answers to two codes (pixels, and a classifier's features) and the distance to real images (LeNet-FID, NDB and JSD),
5 paired seeds, the difference with its interval. The paper on maps: LPIPS and FID 169.0 to 152.4 (unverified), in features we do not have.
Command: python -m dlcv.run --config=experiments/generative/paired_msgan.py[:small --data_dir=DATA]
`default`: a scene of a digit from its grey picture, which tells its shapes and none of its colours (embedded), 4 minutes on one core: the
distance of two answers to one source grows from 0.20 ± 0.02 to 0.30 ± 0.02 in pixels (interval of the difference 0.07 to 0.13), from 0.31 ±
0.02 to 0.43 ± 0.03 in features (0.08 to 0.17); LeNet-FID 47 ± 14 to 43 ± 9 (-20 to 12), NDB/K, JSD and the share told as asked within the
interval of no change. The term weighs 0.2: the paper's 1 doubles diversity at the cost of the pictures (2 seeds, LeNet-FID 43 to 74).
`small`: aerial photographs from maps, in pixels and in the features of CIFAR-10 classifiers (which needs that set too), 13 minutes on one core:
two answers lie 0.08 ± 0.02 and 0.24 ± 0.01 apart in pixels (the difference's interval 0.13 to 0.18), 0.16 ± 0.03 and 0.38 ± 0.02 in features
(0.16 to 0.30); CIFAR-FID of 50 pictures 190 ± 42 and 171 ± 51 (-83 to 45), NDB and JSD within no change; the error grows by 0.027 (0.013 to
0.041) and a grid shows in the pictures. `paper` has its weight 1, which at `small` paints a checkerboard.
"""

from dlcv.engine import config as base

SOURCE = "experiments/generative/pix2pix.py"
# the paper's weight of L1; the code is the only noise
WITH_CODE = {"task_kw.codes": 8, "task_kw.l1": 10.0, "task_kw.dropout": 0.0}
JUDGE = "experiments/vision/cnn_on_scenes.py:default"
SCENES = {
    "task_kw.source": "grey", "task_kw.judge": JUDGE, "start.source": JUDGE, "data": dict(name="captioned_digits"),
    "optimizer.generator.learning_rate": 5e-4, "optimizer.discriminator.learning_rate": 5e-4,
}  # fmt: skip
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
    changes = WITH_CODE | (SCENES if rung == "default" else {})
    arms = (
        ("pix2pix with a code", SOURCE, changes),
        ("mode seeking", SOURCE, {**changes, "task_kw.mode_seeking": 1.0 if rung == "paper" else 0.2}),
    )
    study = dict(arms=arms, rung=rung, metrics=(*METRICS, *JUDGED.get(rung, ())))
    if rung == "small":  # ten runs where pix2pix.py has three
        study["changes"] = (("steps", 1500), ("eval_every", 750), ("checkpoint_every", 750))
    return base.study("generators", study_kw=study, seeds=1 if rung == "smoke" else 5)
