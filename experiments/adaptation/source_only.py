"""Source only: the baseline of adaptation, the same encoder, steps and augmentation as DANN and no look at the target.

Paper: the "source only" rows of Ganin et al., "Domain-Adversarial Training of Neural Networks", 2016. Reproduced: accuracy on source and
target test images. Command: python -m dlcv.run --config=experiments/adaptation/source_only.py[:small --data_dir=DATA]
Target accuracy at `small`: 84.7 ± 0.7 % over 3 seeds (the paper, without recolouring: 52.3 %); at `default` 25.2 ± 4.0 %.
Every rung is DANN's (experiments/adaptation/dann.py) with the other task.
"""

from dlcv.engine import catalogue

GANIN = dict(value=0.5225, source="Ganin et al. 2016, MNIST to MNIST-M, unverified")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/adaptation/dann.py:{rung}")
    config.task = "source_only"
    if config.reference:
        config.reference = {"target/accuracy": GANIN}
    return config
