"""Character language model: an LSTM with truncated back-propagation, its state carried from batch to batch.

Papers: Karpathy, Johnson, Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015; Hochreiter and Schmidhuber, "Long
Short-Term Memory", 1997. Reproduced: nats a character on the last tenth of the text, samples from a prefix.
Command: python -m dlcv.run --config=experiments/recurrence/char_lm.py[:small --data_dir=DATA]
`default`: the source code of Python's standard library, 3 minutes. `small`: tiny Shakespeare, under an hour: 1.478 ± 0.007.
`paper`: War and Peace with three layers of 512 units. Other cells and depths: --config.task_kw.cell=gru --config.task_kw.layers=3;
Linux source: --config.data.name=linux. Samples: python -m dlcv.sample --workdir=WORKDIR --option=k=5 --option=p=0.9 --option='prefix="def "'
"""

from dlcv.engine import config as base

CHAR_RNN = dict(value=1.395, source="char-rnn's example checkpoint, 2 x 128, another split")


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="language_model", task_kw=dict(size="char-rnn", dropout=0.0, reset=0.05),
        seeds=3, cpu_devices=2, steps=1500, batch_size=32, eval_batch_size=32, log_every=50, eval_every=500, checkpoint_every=500,
        data=dict(name="code", length=64, limit=2_000_000),
        optimizer=base.optimizer("adam", 5e-3, schedule="cosine", clip_norm=1.0, options=dict(b2=0.99)),
        select=dict(metric="valid/nats", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.data = dict(name="prose", length=16, limit=8000)
        config.task_kw.size, config.optimizer = "tiny", base.optimizer("adam", 1e-3, clip_norm=1.0)
    if rung == "small":
        config.update(steps=3600, batch_size=64, log_every=100, eval_every=900, checkpoint_every=450)
        config.data = dict(name="shakespeare", length=64)
        config.task_kw = dict(size="medium", dropout=0.2, reset=0.05)
        config.optimizer.update(learning_rate=4e-3, warmup=100)
        config.reference = {"valid/nats": CHAR_RNN}
    if rung == "paper":
        config.update(steps=14_650, steps_per_call=10, batch_size=100, eval_batch_size=100, log_every=50)
        config.update(eval_every=2930, checkpoint_every=2930)
        config.data = dict(name="war_and_peace", length=100)
        config.task_kw = dict(size="large", dropout=0.0, reset=0.05)
        decay = dict(init_value=2e-3, transition_steps=293, decay_rate=0.95, transition_begin=2930)
        config.optimizer = base.optimizer(
            "rmsprop",
            2e-3,
            schedule="exponential_decay",
            clip_norm=5.0,
            options=dict(decay=0.95),
            schedule_options=decay,
        )
    return config
