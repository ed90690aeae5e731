"""Sets of letters and numbers, a to 1, b to 2: missing numbers recovered from the elements that have theirs, without positions.

Paper: Vaswani et al., "Attention Is All You Need", 2017 (the layer; the toy is the lecture's). Reproduced: every missing number is right.
The mapping is drawn anew for each set (data.mapping=fixed: a to 1, b to 2 always, which needs no look at the others).
Command: python -m dlcv.run --config=experiments/attention/toy_sets.py
`default`: 600 steps, half a minute for 3 seeds: accuracy and exact match 100.0 ± 0.0 %. `paper` has eight letters in sets of 64.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "paper")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="masked_recovery", task_kw=dict(positions="none", width=32, depth=2, heads=2),
        seeds=3, steps=600, batch_size=128, eval_batch_size=500, log_every=50, eval_every=200, checkpoint_every=600,
        data=dict(name="letters_and_numbers", rule="own", mapping="drawn", letters=2, length=10),
        optimizer=base.optimizer("adam", 3e-3, schedule="cosine", warmup=20, clip_norm=1.0),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=8, eval_batch_size=8)
        config.optimizer.warmup = 1
        config.data.update(dict(limit=64, valid_limit=16))
    if rung == "paper":
        config.update(steps=20_000, eval_every=2000, checkpoint_every=2000)
        config.data.update(dict(letters=8, length=64))
        config.task_kw.update(dict(width=128, heads=4))
    return config
