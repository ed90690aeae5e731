"""DCGAN: two players, a convolutional generator and discriminator, samples over time and walks between codes.

Paper: Radford, Metz, Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks", 2016.
Reproduced: samples of handwritten digits, judged in the features of a classifier trained in the project (LeNet-FID: the Fréchet
distance of those features, to be read beside the distance between two halves of the real set; no Inception weights are used).
Command: python -m dlcv.run --config=experiments/generative/dcgan.py[:small --data_dir=DATA]
Your own images: --config.data.name=folder --config.data.path=FOLDER [--config.data.size=64 --config.data.channels=1]
`default`: scikit-learn's digits, 2 minutes for 3 seeds: LeNet-FID 11.4 ± 1.3 (real against real 1.7).
`small`: MNIST, a narrow network sized for the CPU, 3 minutes: LeNet-FID last 11.4 ± 1.2, best 11.3 ± 1.1, floor 0.27; on a GPU add
--config.task_kw.width=64 --config.steps=20000 --config.steps_per_call=10. `paper`: CIFAR-10 at the paper's widths and schedule.
"""

from dlcv.engine import config as base

JUDGE = "experiments/vision/cnn.py:default"  # its three seeds
COLOUR_JUDGE = "experiments/vision/cnn_on_cifar10.py:small"
UNJUDGED = dict(
    changes=(("task_kw.judge", ""), ("start.source", ""), ("select.metric", "")), told="samples are not judged by digits' classifiers"
)  # fmt: skip


def get_config(rung: str = "default"):
    base.check_rung(rung)
    adam = dict(name="adam", learning_rate=2e-4, options=dict(b1=0.5))
    config = base.experiment(
        task="gan", task_kw=dict(width=16, judge=JUDGE),
        seeds=3, steps=2000, batch_size=64, log_every=50, eval_every=500, score_every=500, checkpoint_every=500,
        data=dict(name="digits"), optimizer=dict(generator=base.optimizer(**adam), discriminator=base.optimizer(**adam)),
        ema=dict(decay=0.995, subtrees=("generator",)),
        start=dict(source=JUDGE, which="last", rules=((r"seed_(\d+)/model/(.*)", r"judge/\1/\2"),)),
        select=dict(metric="lenet/frechet", mode="min"), elsewhere=UNJUDGED,
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16)
        config.task_kw = dict(width=4)
        config.start.source, config.select.metric = "", "valid/told"
    if rung == "small":
        config.update(steps=2000, log_every=100, eval_every=1000, score_every=1000, checkpoint_every=1000)
        for player in config.optimizer.values():
            player.update(learning_rate=1e-3, schedule="cosine")  # of networks an eighth as wide as the paper's
        config.data = dict(name="mnist", valid_limit=5000)
        config.task_kw.judge = config.start.source = "experiments/vision/cnn_on_mnist.py:small"
    if rung == "paper":
        config.update(
            seeds=1,
            steps=40_000,
            steps_per_call=10,
            batch_size=128,
            eval_every=5000,
            score_every=5000,
            checkpoint_every=5000,
        )
        config.data = dict(name="cifar10")
        config.task_kw = dict(width=128, judge=COLOUR_JUDGE)
        config.start.source, config.select.metric = COLOUR_JUDGE, "cifar/frechet"
    return config
