"""Sketch-RNN: drawings point by point from a mixture density, given the code of a whole drawing.

Paper: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017. Reproduced: unconditional and conditional generation, walks between
two drawings' codes, the KL term annealed, as PNG at each evaluation and as SVG (python -m dlcv.sample). The paper states losses of
Quick, Draw! categories only, of 75,000 drawings each.
Command: python -m dlcv.run --config=experiments/recurrence/sketch_rnn.py[:small --data_dir=DATA]
`small`, kanji of at most 56 points, sized for a CPU (96 and 192 units, 11 passes), 3 seeds, 7 minutes of a core: -0.43 ± 0.02 nats a
held-out point, code 25 nats; redrawn and between two characters, radicals and strokes in their places; from the prior a fifth is empty.
Sheep: sketch_rnn_sheep.py. `paper` is for a GPU.
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="sketch_rnn", task_kw=dict(size="small", codes=16, kl_weight=0.25, kl_rate=0.998, kl_floor=0.1),
        seeds=3, steps=900, batch_size=64, eval_batch_size=200, log_every=50, eval_every=450, checkpoint_every=450,
        data=dict(name="digit_strokes", longest=26), optimizer=base.optimizer("adam", 3e-3, schedule="cosine", clip_norm=1.0),
        select=dict(metric="valid/reconstruction", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data.limit, config.task_kw.size, config.task_kw.codes = 40, "tiny", 4
    if rung == "small":
        config.update(steps=1500, eval_every=500, checkpoint_every=100)
        config.data = dict(name="short_kanji", longest=56)
        config.task_kw.update(codes=32, kl_rate=0.999)
    if rung == "paper":
        config.update(steps=100_000, batch_size=100, eval_batch_size=80, steps_per_call=10, eval_every=10_000)
        config.update(checkpoint_every=5000)
        config.data = dict(name="aaron_sheep", longest=250)
        config.task_kw = dict(size="sketch-rnn", codes=128)
        decay = dict(init_value=1e-3, transition_steps=1, decay_rate=0.9999, end_value=1e-5)
        config.optimizer = base.optimizer(
            "adam", 1e-3, schedule="exponential_decay", clip_norm=1.0, schedule_options=decay
        )  # fmt: skip
    return config
