"""Digit strips read by CTC: an image of several digits to their string, without knowing where each one stands.

Papers: Graves, Fernandez, Gomez, Schmidhuber, "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent
Neural Networks", 2006; Shi, Bai, Yao, "An End-to-End Trainable Neural Network for Image-Based Sequence Recognition", 2017, for
convolutions under a bidirectional LSTM. Reproduced: peaks of one class between blanks, best path beside prefix beam decoding.
Command: python -m dlcv.run --config=experiments/recurrence/digit_strips.py
`default`: strips of 2 to 7 digits, 6 minutes on a busy CPU, 3 seeds: 8.3 ± 0.4 % of the strips of unseen scans are read wrongly by the
best path, 8.2 ± 0.3 % by a beam of 10 (1.9 % of the digits).
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "paper")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="ctc", task_kw=dict(size="small", cell="lstm", dropout=0.2, beam=10),
        seeds=3, steps=700, batch_size=32, eval_batch_size=200, log_every=50, eval_every=175, score_every=350, checkpoint_every=350,
        data=dict(name="digit_strips", shortest=2, longest=7),
        optimizer=base.optimizer("adam", 4e-3, schedule="cosine", warmup=50, clip_norm=5.0),
        select=dict(metric="valid/sequence_error", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.update(checkpoint_every=3)
        config.data.update(shortest=1, longest=2, limit=32, valid_limit=8)
        config.task_kw.update(size="tiny", beam=3, dropout=0.0)
        config.optimizer.update(warmup=0)
    if rung == "paper":
        config.update(
            steps=20_000, batch_size=128, log_every=100, eval_every=2000, score_every=10_000, checkpoint_every=2000
        )
        config.data.update(longest=20)
        config.task_kw.update(size="large")
        config.optimizer = base.optimizer("adadelta", 1.0, options=dict(rho=0.9))
    return config
