"""CNN on CIFAR-10: the classifier in whose features colour pictures are judged (CIFAR-FID).

Papers: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009 (the pictures); Ioffe and Szegedy, "Batch Normalization",
2015. Reproduced: accuracy on the test set, of a network small enough to be trained once, three seeds, on one CPU core.
Command: python -m dlcv.run --config=experiments/vision/cnn_on_cifar10.py:small --data_dir=DATA --workdir=runs/judge
Runs that are judged train it on demand; --config.start.source=runs/judge hands them the one that is there.
`small`: 72.4 ± 0.4 %, 3 seeds, 3 minutes on one core.
`smoke`: digits on photographs. `paper`: ResNet-9 on the CIFAR-10 arrays, vision/cnn.py's.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

RUNGS = ("smoke", "small", "paper")


def get_config(rung: str = "small"):
    base.check_rung(rung, RUNGS)
    config = catalogue.load(f"experiments/vision/cnn.py:{rung}")
    if rung == "smoke":
        config.data = dict(name="digits_on_photographs", draws=1, limit=64, valid_limit=32)
    if rung == "small":
        config.update(steps=1500, log_every=100, eval_every=750, checkpoint_every=500)
        config.data.valid_limit = 5000
        config.optimizer.warmup = 100
        config.reference = {}
    return config
