"""MSGAN on sentences: the two-stage generator of text_to_image.py with the mode-seeking term and without.

Paper: Mao, Lee, Tseng, Ma, Yang, "Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis", 2019, section 4.3. Reproduced:
diversity of the pictures of one sentence (pixels and features), LeNet-FID, NDB, JSD and whether the digit is the one asked for, 5 paired
seeds, the difference with its interval. The paper's numbers are of birds (CUB), which are not here. The term weighs
0.2 as in paired_msgan.py, on the same scenes; the paper's 1 at `paper`.
`default`, an hour of one core: two pictures of one sentence lie 0.055 ± 0.004 apart in pixels, 0.131 ± 0.009 with the term (the difference
+0.076, interval 0.066 to 0.086), in features 0.29 ± 0.01 and 0.46 ± 0.09 (0.07 to 0.29); LeNet-FID 24.4 ± 1.8 and 23.8 ± 1.6 (-2.9 to 1.7),
NDB, JSD and the digits as asked (53 and 50 %) within the interval of no change.
Command: python -m dlcv.run --config=experiments/generative/text_msgan.py
"""

from dlcv.engine import config as base

SOURCE = "experiments/generative/text_to_image.py"
METRICS = (
    ("valid/diversity", "pixel diversity"), ("valid/perceptual", "feature diversity"), ("lenet/frechet", "LeNet-FID"),
    ("lenet/ndb", "NDB/K"), ("lenet/jsd", "JSD"), ("valid/as_asked", "as asked"),
)  # fmt: skip


def get_config(rung: str = "default"):
    base.check_rung(rung)
    term = {"task_kw.mode_seeking": 1.0 if rung == "paper" else 0.2}
    arms = (("stacked GAN", SOURCE, {}), ("mode seeking", SOURCE, term))
    metrics = (("valid/diversity", "pixel diversity"),) if rung == "smoke" else METRICS
    return base.study(
        "generators", study_kw=dict(arms=arms, rung=rung, metrics=metrics), seeds=1 if rung == "smoke" else 5
    )
