"""pix2pix: paired image-to-image translation with a U-Net and a discriminator of patches, squared distance of pixels not asked for.

Paper: Isola, Zhu, Zhou, Efros, "Image-to-Image Translation with Conditional Adversarial Networks", 2017. Reproduced: the objective
(conditional adversarial loss + 100 L1), U-Net, patches, on other pairs.
Command: python -m dlcv.run --config=experiments/generative/pix2pix.py[:small --data_dir=DATA]
Your pairs (two squares side by side): --config.data.name=paired_folder --config.data.path=FOLDER
`default`: a digit from its picture on a photograph (embedded), a minute for 3 seeds: absolute error 0.104 ± 0.002 of a range of 2, and a
classifier tells the right digit in 89.3 ± 0.5 %. `small`: aerial photographs from maps at 64 pixels, batches of 4, a narrow network
sized for the CPU, 5 minutes for 3 seeds on one core: absolute error 0.217 ± 0.010, parks, water and the grain of houses but no streets;
CIFAR-FID (which needs that set too) says little of 50 pictures: 257 ± 150 where two halves of the real ones have 135. On a GPU add
--config.task_kw.width=64 --config.data.size=128. `paper`: 128 pixels, 200 epochs, batch 1.
"""

from dlcv.engine import config as base

JUDGE = "experiments/vision/cnn.py:default"  # its three seeds
IN_COLOUR = "experiments/vision/cnn_on_cifar10.py:small"  # of pictures whose classes it does not know: features alone
UNJUDGED = dict(changes=(("task_kw.judge", ""), ("start.source", "")), told="answers are not judged by classifiers")


def get_config(rung: str = "default"):
    base.check_rung(rung)
    adam = dict(name="adam", learning_rate=2e-4, options=dict(b1=0.5))
    config = base.experiment(
        task="pix2pix", task_kw=dict(width=16, halvings=2, l1=100.0, judge=JUDGE),
        seeds=3, steps=800, batch_size=32, log_every=50, eval_every=400, score_every=800, checkpoint_every=400,
        data=dict(name="digit_pairs", direction="b_to_a"),
        optimizer=dict(discriminator=base.optimizer(**adam), generator=base.optimizer(**adam)),
        start=dict(source=JUDGE, which="last", rules=((r"seed_(\d+)/model/(.*)", r"judge/\1/\2"),)),
        select=dict(metric="valid/l1", mode="min"), elsewhere=UNJUDGED,
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16)
        config.data.update(draws=1, limit=64, valid_limit=32)
        config.task_kw, config.start.source = dict(width=4, halvings=1), ""
    if rung in ("small", "paper"):
        config.update(steps=4000, batch_size=4, eval_every=1000, score_every=0, checkpoint_every=1000)
        config.data = dict(name="pix2pix_maps", size=64)
        config.task_kw = dict(width=16, halvings=2, l1=100.0, judge=IN_COLOUR)
        config.start.source = IN_COLOUR
    if rung == "paper":
        config.update(seeds=1, steps=80_000, steps_per_call=10, batch_size=1, eval_every=4000, checkpoint_every=4000)
        config.data.size = 128
        config.task_kw, config.start.source = dict(width=64, halvings=3, l1=100.0), ""
    return config
