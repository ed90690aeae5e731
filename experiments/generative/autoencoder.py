"""Autoencoder: digits through a narrow code, the code as features, and a decoder that draws digits only where real codes lie.

Papers: Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", 2006 (`paper`: 784-1000-500-250-30, trained
end to end); Masci, Meier, Ciresan and Schmidhuber, "Stacked Convolutional Auto-Encoders", 2011. Reproduced: the squared error a pixel
(in [-1, 1]), a linear probe on half of the held-out codes, and the decoder as a generator, judged at codes of N(0, I), where it fails,
and at codes of the Gaussian that fits real ones.
Command: python -m dlcv.run --config=experiments/generative/autoencoder.py[:small --data_dir=DATA] [--config.task_kw.size=dense]
`default`: scikit-learn's digits, 2 minutes for 3 seeds on one CPU core: squared error 0.0056 ± 0.0011, probe 91.0 ± 1.7 %; drawn at N(0, I):
LeNet-FID 84 ± 10 and two or three classes of ten, grey clouds; at fitted codes 11.5 ± 0.7 and all ten, not far from vae.py's 10.5.
"""

from dlcv.engine import config as base

JUDGE = "experiments/vision/cnn.py:default"  # its three seeds
UNJUDGED = dict(
    changes=(("task_kw.judge", ""), ("start.source", "")), told="samples are not judged by digits' classifiers"
)


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="autoencoder", task_kw=dict(size="conv", codes=32, corruption=(), judge=JUDGE),
        seeds=3, steps=2000, batch_size=64, log_every=100, eval_every=500, score_every=1000, checkpoint_every=500,
        data=dict(name="digits"), optimizer=base.optimizer("adam", 1e-3, schedule="cosine"),
        start=dict(source=JUDGE, which="last", rules=((r"seed_(\d+)/model/(.*)", r"judge/\1/\2"),)),
        select=dict(metric="valid/squared_error", mode="min"), elsewhere=UNJUDGED,
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=16)
        config.task_kw.update(size="conv-tiny", codes=4, judge="")
        config.start.source = ""
    if rung in ("small", "paper"):
        config.update(steps=4700, batch_size=128, eval_every=2350, score_every=4700, checkpoint_every=2350)
        config.data = dict(name="mnist")
        config.task_kw.judge, config.start.source = "", ""
    if rung == "paper":
        config.task_kw.update(size="dense-deep", codes=30)
    return config
