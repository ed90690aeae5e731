"""MSGAN without a condition: DCGAN's pair of networks with the mode-seeking term and without.

Paper: Mao, Lee, Tseng, Ma, Yang, "Mode Seeking Generative Adversarial Networks for Diverse Image Synthesis", 2019, whose term needs no
condition. Reproduced: diversity (mean distance between two samples in a classifier's features), LeNet-FID, and NDB and JSD of bins of
those features, 5 paired seeds, the difference with its interval. The same on points and on stacked digits: ring.py, stacked_digits.py.
`default`, 7 minutes on one core, at msgan.py's weight of 0.01: no gain. Diversity 8.39 ± 0.10 and 8.36 ± 0.11 (interval of the difference -0.04
to -0.02), LeNet-FID 11.4 ± 1.1 and 11.6 ± 1.1 (-0.3 to 0.7), NDB/K within the interval of no change, JSD 0.012 worse (0.002 to 0.021); ten
times the weight did as little when it was tried. A network that misses no digit has no mode to seek.
Command: python -m dlcv.run --config=experiments/generative/unconditional_msgan.py[:small --data_dir=DATA]
"""

from dlcv.engine import catalogue
from dlcv.quality.judges import in_colour

SOURCE = "experiments/generative/dcgan.py"
METRICS = (
    ("lenet/diversity", "diversity"), ("lenet/frechet", "LeNet-FID"), ("lenet/ndb", "NDB/K"), ("lenet/jsd", "JSD"),
    ("lenet/confidence", "confidence"), ("lenet/classes", "classes"),
)  # fmt: skip


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/generative/msgan.py:{rung}")
    term = {"task_kw.mode_seeking": 1.0 if rung == "paper" else 0.01}
    config.study_kw.arms = (("DCGAN", SOURCE, {}), ("mode seeking", SOURCE, term))
    if rung != "smoke":
        config.study_kw.metrics = in_colour(METRICS) if rung == "paper" else METRICS
    return config
