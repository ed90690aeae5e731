"""VAE: images from Gaussian codes by the evidence lower bound, in nats.

Paper: Kingma and Welling, "Auto-Encoding Variational Bayes", 2014. Reproduced: the bound on held-out digits under a Bernoulli likelihood
with dynamic binarisation, reconstructions, samples of the prior and walks between images.
Command: python -m dlcv.run --config=experiments/generative/vae.py[:small --data_dir=DATA]
`default`: scikit-learn's digits, a minute for 3 seeds on one CPU core: 178.4 ± 0.1 nats (most of it the noise of binarised grey
edges), samples at LeNet-FID 10.5 ± 0.7 (real against real 1.7) with mean confidence 0.82 ± 0.01 and all 10 classes.
`small`: MNIST, 10 epochs, 2 minutes for 3 seeds of one CPU core: 104.2 ± 0.1 nats (Flax's example, whose
pixels are binarised once and for all: about 104). `paper` is `small`.
"""

from dlcv.engine import config as base

JUDGE = "experiments/vision/cnn.py:default"  # its three seeds
UNJUDGED = dict(
    changes=(("task_kw.judge", ""), ("start.source", "")), told="samples are not judged by digits' classifiers"
)
FLAX = dict(value=104.0, source="Flax's VAE example, 10 epochs, 500 units, 20 codes, MNIST binarised once and for all")


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="vae", task_kw=dict(size="conv", codes=16, beta=1.0, judge=JUDGE),
        seeds=3, steps=2000, batch_size=64, log_every=100, eval_every=500, score_every=500, checkpoint_every=500,
        data=dict(name="digits"), optimizer=base.optimizer("adam", 1e-3, schedule="cosine"),
        start=dict(source=JUDGE, which="last", rules=((r"seed_(\d+)/model/(.*)", r"judge/\1/\2"),)),
        select=dict(metric="valid/negative_elbo", mode="min"), elsewhere=UNJUDGED,
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16)
        config.task_kw = dict(size="dense-tiny", codes=4, beta=1.0)
        config.start.source = ""
    if rung in ("small", "paper"):
        config.update(
            steps=4700, batch_size=128, log_every=100, eval_every=2350, score_every=4700, checkpoint_every=2350
        )
        config.data = dict(name="mnist")
        config.task_kw = dict(size="dense-500", codes=20, beta=1.0)
        config.start.source = ""
        config.reference = {"valid/negative_elbo": FLAX}
    return config
