"""The adding task: an LSTM sums two marked numbers of a long sequence.

Papers: Hochreiter, Schmidhuber, "Long Short-Term Memory", 1997; Bai, Kolter, Koltun, "An Empirical Evaluation of Generic Convolutional
and Recurrent Networks for Sequence Modeling", 2018. Reproduced: squared error far below 1/6, that of always saying 1.
Command: python -m dlcv.run --config=experiments/recurrence/adding.py
`default`: 30 steps, 6 seconds for 3 seeds: 0.003 ± 0.002. `paper`: 600 steps, 70 thousand parameters; there the LSTM
fails (0.164), the GRU does not.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "paper")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="sequence_reading", task_kw=dict(way="lstm", width=32, layers=1),
        seeds=3, steps=600, batch_size=64, eval_batch_size=500, log_every=50, eval_every=100, checkpoint_every=600,
        data=dict(name="adding", length=30), optimizer=base.optimizer("adam", 1e-2, schedule="cosine", clip_norm=1.0),
        select=dict(metric="valid/squared_error", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data = dict(name="adding", length=8, limit=64, valid_limit=16)
        config.task_kw.width = 8
    if rung == "paper":
        config.update(steps=50_000, batch_size=32, log_every=500, eval_every=5000, checkpoint_every=5000)
        config.data, config.task_kw.width = dict(name="adding", length=600), 130
        config.optimizer = base.optimizer("adam", 2e-3, clip_norm=1.0)
        config.reference = {"valid/squared_error": dict(value=0.164, source="Bai et al., 2018, table 1, LSTM")}
    return config
