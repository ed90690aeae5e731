"""Latent semantic analysis: vectors of tokens that occur in the same texts, by a linear autoencoder of weighted bags of words.

Papers: Deerwester, Dumais, Furnas, Landauer and Harshman, "Indexing by Latent Semantic Analysis", 1990; Baldi and Hornik, "Neural Networks
and Principal Component Analysis", 1989. Reproduced: the share of a held-out text's bag that its code leaves unexplained.
Command: python -m dlcv.run --config=experiments/language/latent_semantics.py[:small --data_dir=DATA]
What they are worth as the first vectors of a classifier's words: ../attention/fine_tuning.py, which trains this on demand.
`default`: reference pages and docstrings of Python's library, a quarter of a minute on one core: 0.776 unexplained by 128 numbers (one seed).
`small`: 25,000 reviews of films and the sentences of the Stanford Sentiment Treebank, with their reading two minutes: 0.883 (one seed).
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = base.experiment(
        task="latent_semantics", task_kw=dict(width=128),
        seeds=1, steps=400, batch_size=64, eval_batch_size=256, log_every=50, eval_every=200, checkpoint_every=200,
        data=dict(name="passages", corpus="python", tokeniser="byte_pair", size=2000, width=192),
        optimizer=base.optimizer("adam", 3e-3, schedule="cosine"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=4, eval_batch_size=8)
        config.data.update(corpus="prose", size=300, width=24, limit=60)
        config.task_kw.width = 32
    if rung == "small":
        config.update(steps=1000, batch_size=256, eval_every=250, checkpoint_every=250)
        config.data.update(corpus="english", size=8000, texts=("reviews", "imdb"))
    return config
