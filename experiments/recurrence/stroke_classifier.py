"""What a drawing shows, told from its strokes: an LSTM both ways over pen movements.

Papers: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017; Schuster and Paliwal, "Bidirectional Recurrent Neural
Networks", 1997. Reproduced: accuracy on held-out drawings; neither paper states one for these sets.
Command: python -m dlcv.run --config=experiments/recurrence/stroke_classifier.py[:small --data_dir=DATA]
`default`: digits traced from scans, 85 s: 86.8 ± 0.9 % over 3 seeds. `small`: ten categories of Quick, Draw!, some 44 drawings
each, 6 minutes on busy cores: 79.1 ± 2.4 % of 110 held-out drawings.
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="stroke_classification", task_kw=dict(width=64, dropout=0.3, label_smoothing=0.1), seeds=3, steps=500, batch_size=64,
        eval_batch_size=200, log_every=50, eval_every=250, checkpoint_every=250, data=dict(name="digit_strokes", longest=26),
        optimizer=base.optimizer("adam", 3e-3, schedule="cosine", clip_norm=1.0), select=dict(metric="valid/accuracy", mode="max"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data.limit, config.task_kw.width = 40, 16
    if rung == "small":
        config.data = dict(name="quickdraw_small", longest=80)
    if rung == "paper":
        config.update(steps=20_000, batch_size=128, steps_per_call=10, eval_every=2000, checkpoint_every=2000)
        config.data = dict(name="quickdraw_small", longest=100)
        config.task_kw = dict(width=256, layers=2, dropout=0.5, label_smoothing=0.1)
    return config
