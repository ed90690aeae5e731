"""Sequential digits: an LSTM tells a digit that it has read pixel by pixel.

Papers: Le, Jaitly, Hinton, "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units", 2015; Bai, Kolter, Koltun, "An
Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling", 2018.
Reproduced: accuracy on held-out digits; data.order=rows reads a row a step, data.order=permuted the pixels in a drawn order.
Command: python -m dlcv.run --config=experiments/recurrence/sequential_digits.py
`default`: scikit-learn's digits, 100 steps of a pixel, about 2 minutes. `paper`: MNIST, 784 steps.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "paper")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="sequence_reading", task_kw=dict(way="lstm", width=48, layers=1),
        seeds=3, steps=400, batch_size=64, eval_batch_size=400, log_every=50, eval_every=100, checkpoint_every=400,
        data=dict(name="sequential_digits", order="pixels"),
        optimizer=base.optimizer("adam", 1e-2, schedule="cosine", clip_norm=1.0),
        select=dict(metric="valid/accuracy", mode="max"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data = dict(
            name="sequential_digits", of=dict(name="digits", size=8, limit=64, valid_limit=16), order="rows"
        )
        config.task_kw.width = 8
    if rung == "paper":
        config.update(steps=20_000, steps_per_call=10, log_every=500, eval_every=2000, checkpoint_every=2000)
        config.data = dict(name="sequential_digits", of=dict(name="mnist"), order="pixels")
        config.task_kw.width, config.optimizer = 130, base.optimizer("adam", 1e-3, clip_norm=1.0)
        config.reference = {"valid/accuracy": dict(value=0.872, source="Bai et al., 2018, table 1, LSTM")}
    return config
