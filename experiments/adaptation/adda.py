"""ADDA: two players; an encoder of the target's own learns to pass for the source's, which was trained before and stands still.

Paper: Tzeng, Hoffman, Saenko, Darrell, "Adversarial Discriminative Domain Adaptation", 2017. Reproduced: target accuracy without a target
label from a start trained on the source (source_only.py, run on demand), weights untied, labels of the game turned around.
Command: python -m dlcv.run --config=experiments/adaptation/adda.py[:small --data_dir=DATA]
Target accuracy at `default`: 61.3 ± 1.6 % over 3 seeds, 2 minutes a seed on one CPU core with its start (source only 25.2 %, DANN 53.3 %).
`small` has DANN's data and steps; `paper` is MNIST to USPS on the pooled encoder, with the paper's steps and batch (recalled, unverified).
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

TZENG = dict(value=0.894, source="Tzeng et al. 2017, MNIST to USPS, unverified")


def get_config(rung: str = "default"):
    config = catalogue.load(f"experiments/adaptation/dann.py:{rung}")
    config.task = "adda"
    adam = dict(name="adam", learning_rate=2e-4, options=dict(b1=0.5))
    config.optimizer = dict(discriminator=base.optimizer(**adam), target=base.optimizer(**adam))
    copied = ((r"(classifier/.*)", r"\1"), (r"(encoder/.*)", r"\1"), (r"encoder/(.*)", r"encoder_target/\1"))
    config.start.update(source=f"experiments/adaptation/source_only.py:{rung}", rules=copied)
    if rung == "paper":
        config.update(steps=10_000, batch_size=128, eval_every=1000, checkpoint_every=1000)
        config.data.target = dict(name="usps", size=28, channels=3)
        config.reference = {"target/accuracy": TZENG}
    else:
        config.reference = {}
    return config
