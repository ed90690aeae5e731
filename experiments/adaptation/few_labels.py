"""Few labels: a digit classifier from k labelled images a class and nothing else; what transfer is measured against.

Paper: the "from scratch" rows of Yosinski, Clune, Bengio, Lipson, "How Transferable Are Features in Deep Neural Networks?", 2014.
Reproduced: accuracy on held-out digits 5 to 9 by number of labels; which images are labelled differs from seed to seed.
Command: python -m dlcv.run --config=experiments/adaptation/few_labels.py[:small --data_dir=DATA] [--config.data.labelled=20]
`default`: digits on photographs, 12 s for 3 seeds on one CPU core. `small`: MNIST-M.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
WARP = (("affine", dict(shift=2.0, rotate=12.0, shear=8.0, scale=0.1)),)


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="classification", task_kw=dict(model="cnn", size="digits", augmentation=WARP, model_kw=dict(dropout=0.2)),
        seeds=3, steps=200, batch_size=64, log_every=50, eval_every=0, checkpoint_every=0,
        data=dict(name="subset", of=dict(name="digits_on_photographs"), classes=tuple("56789"), labelled=5),
        optimizer=base.optimizer("adamw", 2e-3, schedule="cosine", warmup=20, weight_decay=1e-4),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16, eval_every=3, checkpoint_every=3)
        config.optimizer.warmup = 1
    if rung == "small":
        config.data.of = dict(name="mnist_m", size=28)
    return config
