"""BERT: masked language modelling on English prose, 15 % of the words hidden, 80 / 10 / 10.

Paper: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
Reproduced: what is hidden and how it is told, sentence pairs at `paper`, whose sizes and schedule are those of its first 90 % (length 128).
Command: python -m dlcv.run --config=experiments/attention/bert.py[:small --data_dir=DATA]
Another library's weights: --config.start.source=FOLDER, with config.json, model.safetensors and the tokeniser, sets size and vocabulary.
A word for the mask: python -m dlcv.sample --workdir=WORKDIR --what=fill --option=text="the [MASK] of the list"
`default`: Python's reference pages. `small`: films, newspaper, captions and a novel (english); `paper`: a text folder, --config.data.corpus=.
"""

from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="masked_language_model", task_kw=dict(network="bert", size="turc-tiny", length=64, dropout=0.0, rate=0.15),
        seeds=3, cpu_devices=2, steps=1500, batch_size=32, eval_batch_size=64, log_every=50, eval_every=500, checkpoint_every=500,
        data=dict(name="passages", corpus="prose", tokeniser="byte_pair", size=1000, width=64, pairs=False),
        optimizer=base.optimizer("adamw", 1e-3, schedule="linear", warmup=150, weight_decay=0.01, clip_norm=1.0),
        start=dict(source="", which="last", rules=(), follow=("task_kw.size", "data.tokeniser")),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, cpu_devices=1, batch_size=4, eval_batch_size=8)
        config.task_kw.update(size="tiny", length=24)
        config.data.update(width=24, size=300, limit=60, pairs=True)
        config.optimizer.update(warmup=0)
    if rung == "small":
        config.update(seeds=1, cpu_devices=1, steps=10_000, eval_batch_size=128, eval_every=2500, checkpoint_every=2500)
        config.data.update(corpus="english", size=8000)
        config.optimizer.warmup = 300
    if rung == "paper":
        config.update(
            seeds=1, cpu_devices=1, steps=900_000, batch_size=256, log_every=100, eval_every=50_000, dtype="bfloat16"
        )
        config.checkpoint_every = 10_000
        config.task_kw.update(size="base", length=512, dropout=0.1)
        config.data.update(size=30_521, width=128, pairs=True)
        config.optimizer.update(learning_rate=1e-4, warmup=10_000, options=dict(eps=1e-6))
    return config
