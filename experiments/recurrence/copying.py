"""The copying task: an LSTM keeps symbols over a pause and gives them back.

Papers: Hochreiter, Schmidhuber, "Long Short-Term Memory", 1997; Bai, Kolter, Koltun, "An Empirical Evaluation of Generic Convolutional
and Recurrent Networks for Sequence Modeling", 2018. Reproduced: symbols recalled, against 1 of 8 by chance.
Command: python -m dlcv.run --config=experiments/recurrence/copying.py
`default`: 3 symbols over 12 steps, 9 seconds for 3 seeds: 97.6 ± 0.6 % recalled. `paper`: 10 symbols over 1,000 steps.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "paper")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="sequence_reading", task_kw=dict(way="lstm", width=48, layers=1),
        seeds=3, steps=800, batch_size=64, eval_batch_size=500, log_every=50, eval_every=100, checkpoint_every=800,
        data=dict(name="copying", symbols=3, delay=12),
        optimizer=base.optimizer("adam", 1e-2, schedule="cosine", clip_norm=1.0),
        select=dict(metric="valid/accuracy", mode="max"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data = dict(name="copying", symbols=2, delay=3, limit=64, valid_limit=16)
        config.task_kw.width = 8
    if rung == "paper":
        config.update(steps=50_000, batch_size=32, log_every=500, eval_every=5000, checkpoint_every=5000)
        config.data, config.task_kw.width = dict(name="copying", symbols=10, delay=1000), 60
        config.optimizer = base.optimizer("rmsprop", 5e-4, clip_norm=1.0)
    return config
