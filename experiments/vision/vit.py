"""ViT: a small vision Transformer with attention maps, bfloat16 compute and an average of its weights.

Paper: Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2021. Reproduced: accuracy on
held-out images, where the class token looks.
Command: python -m dlcv.run --config=experiments/vision/vit.py[:small --data_dir=DATA]
`default`: handwritten digits, 3 minutes for 3 seeds: 95.8 ± 0.8 %.
`small`: CIFAR-10 as JPEG, sized for the CPU (15 minutes). `paper`: ViT-B/16 on
ImageNet-1k by the recipe of big_vision (Beyer, Zhai, Kolesnikov, "Better plain ViT baselines for ImageNet-1k", 2022), 90 epochs.
"""

from dlcv.engine import config as base

WARP = (("affine", dict(shift=3.0, rotate=15.0, scale=0.1)),)
CROP = (("shift_crop", dict(pixels=4)), ("flip", {}))
BEYER = dict(value=0.765, source="Beyer et al. 2022, ViT-S/16, ImageNet-1k, 90 epochs")


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="classification", task_kw=dict(model="vit", size="digits-tiny", augmentation=WARP, model_kw=dict(dropout=0.1)),
        seeds=3, steps=1500, batch_size=64, log_every=50, eval_every=500, checkpoint_every=500, dtype="bfloat16",
        ema=dict(decay=0.995, subtrees=()), data=dict(name="digits"),
        optimizer=base.optimizer("adamw", 1e-3, schedule="cosine", warmup=150, weight_decay=0.05, clip_norm=1.0),
        select=dict(metric="valid/accuracy", mode="max"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16)
        config.optimizer.warmup = 1
    if rung == "small":
        config.update(steps=4000, log_every=100, eval_every=2000, checkpoint_every=1000, dtype="float32")
        config.data = dict(name="cifar10_jpg")
        config.task_kw = dict(model="vit", size="cifar-tiny", augmentation=CROP, model_kw=dict(dropout=0.0))
    if rung == "paper":
        config.update(
            seeds=1,
            steps=112_590,
            steps_per_call=10,
            batch_size=1024,
            log_every=100,
            eval_every=6255 * 2,
            checkpoint_every=6250,
        )
        config.data = dict(name="tfds:imagenet2012", valid="validation", size=224)
        config.task_kw = dict(model="vit", size="S/16", augmentation=(("flip", {}),), model_kw=dict(dropout=0.0))
        config.optimizer = base.optimizer(
            "adamw", 1e-3, schedule="cosine", warmup=10_000, weight_decay=0.1, clip_norm=1.0
        )
        config.ema.decay, config.sharding, config.reference = 0.9999, "fsdp", {"valid/accuracy": BEYER}
    return config
