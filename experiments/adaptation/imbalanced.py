"""Imbalanced adaptation: the target's training classes fall off from 10 to 1 in frequency, the source's do not.

Papers: the profile of Cui, Jia, Lin, Song, Belongie, "Class-Balanced Loss Based on Effective Number of Samples", 2019; method: Ganin et
al., "Domain-Adversarial Training of Neural Networks", 2016. Reproduced: DANN's gain over source only under a shift of the labels.
Command: python -m dlcv.run --config=experiments/adaptation/imbalanced.py[:small --data_dir=DATA]
`default`, 5 minutes on one CPU core: target accuracy 25.2 ± 4.1 %, DANN 55.2 ± 2.3 %: +30.0 ± 2.2 points over 3 seeds, paired.
"""

from dlcv.engine import catalogue


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/adaptation/dann_gain.py:{rung}")
    config.study_kw.tasks = (("frequencies from 10 to 1", {"data.imbalance": 10.0}),)
    return config
