"""CNN: a small convolutional classifier with batch norm and dropout, and its confusion matrix.

Papers: LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998; Ioffe and Szegedy, "Batch
Normalization", 2015; Srivastava et al., "Dropout", 2014. Reproduced: accuracy on held-out images.
Command: python -m dlcv.run --config=experiments/vision/cnn.py[:small --data_dir=DATA]
`default`: handwritten digits, half a minute for 3 seeds: 99.5 ± 0.3 %.
`small`: CIFAR-10 as JPEG, a narrow network sized for the CPU (20 minutes); on a GPU
add --config.task_kw.size=resnet9 --config.steps=9750 --config.steps_per_call=10. `paper`: ResNet-9 on the CIFAR-10 arrays.
"""

from dlcv.engine import config as base

WARP = (("affine", dict(shift=2.0, rotate=12.0, shear=8.0, scale=0.1)),)
CROP = (("shift_crop", dict(pixels=4)), ("flip", {}))
PAGE = dict(value=0.94, source="Page, How to Train Your ResNet, 2018, ResNet-9, unverified")


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="classification", task_kw=dict(model="cnn", size="digits", augmentation=WARP, model_kw=dict(dropout=0.2)),
        seeds=3, steps=1000, batch_size=64, log_every=50, eval_every=250, checkpoint_every=250,
        data=dict(name="digits"), optimizer=base.optimizer("adamw", 2e-3, schedule="cosine", warmup=50, weight_decay=1e-4),
        select=dict(metric="valid/accuracy", mode="max"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16)
        config.optimizer.warmup = 1
    if rung in ("small", "paper"):
        config.update(steps=5000, log_every=100, eval_every=2500, checkpoint_every=1000)
        config.data = dict(name="cifar10_jpg")
        config.task_kw = dict(model="cnn", size="cifar-small", augmentation=CROP, model_kw=dict(dropout=0.1))
        config.optimizer = base.optimizer("adamw", 3e-3, schedule="cosine", warmup=200, weight_decay=0.01)
        config.reference = {"valid/accuracy": PAGE}
    if rung == "paper":
        config.update(
            steps=9750,
            batch_size=128,
            steps_per_call=10,
            eval_every=1950,
            checkpoint_every=1950,
            dtype="bfloat16",
            log_every=130,
        )
        config.data = dict(name="cifar10")
        config.task_kw.size = "resnet9"
        config.optimizer = base.optimizer(
            "sgd", 0.2, schedule="linear", warmup=1950, weight_decay=5e-4, options=dict(momentum=0.9, nesterov=True)
        )
    return config
