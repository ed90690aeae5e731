"""Deep CORAL: the covariances of the logits are brought together, over digits and digits on photographs.

Paper: Sun, Saenko, "Deep CORAL: Correlation Alignment for Deep Domain Adaptation", 2016. Reproduced: target accuracy without a target label,
the loss on the last layer, of a weight that leaves both losses alike in size at the end, as the paper sets it.
The paper's images are Office's; data, steps, encoder and augmentation here are DANN's (dann.py).
Command: python -m dlcv.run --config=experiments/adaptation/deep_coral.py[:small --data_dir=DATA]
Target accuracy at `default`: 35.6 ± 3.9 % over 3 seeds, 90 s a seed on one CPU core (source only 25.2 %, DANN 53.3 %).
"""

from dlcv.engine import catalogue

BOUSMALIS = dict(value=0.577, source="CORAL in Bousmalis et al. 2016, MNIST to MNIST-M, unverified")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/adaptation/dann.py:{rung}")
    config.task = "discrepancy"
    config.task_kw.update(divergence="coral", layers=("logits",), weight=1.0)
    if config.reference:
        config.reference = {"target/accuracy": BOUSMALIS}
    return config
