"""What DANN gains over source only: both arms over the same seeds, steps, encoder and augmentation, as a table and a picture.

Paper: Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016. Reproduced: source and target accuracy of both, and the gain.
Command: python -m dlcv.run --config=experiments/adaptation/dann_gain.py[:small --data_dir=DATA]
`default`: 3 minutes on 2 CPU cores, no download: +28.0 ± 6.3 points over 3 seeds. `small`: MNIST to MNIST-M on its published test files,
5 minutes on 2 CPU cores: +2.6 ± 0.9 points, from a baseline that is recoloured (the paper, without: +24.4 points).
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    arms = (("source only", "experiments/adaptation/source_only.py"), ("DANN", "experiments/adaptation/dann.py"))
    seeds = 1 if rung == "smoke" else 3
    return base.study("comparison", study_kw=dict(arms=arms, rung=rung, metric="target/accuracy"), seeds=seeds)
