"""Word vectors: skip-gram or continuous bag of words with negative sampling and sub-sampling of frequent words.

Papers: Mikolov, Sutskever, Chen, Corrado, Dean, "Distributed Representations of Words and Phrases and their Compositionality", 2013;
Mikolov, Chen, Corrado, Dean, "Efficient Estimation of Word Representations in Vector Space", 2013. Reproduced: neighbours that mean alike,
judgements of similarity and analogies; plain SGD whose rate a batch shares out over its windows falls linearly, as in their program.
Command: python -m dlcv.run --config=experiments/language/word2vec.py[:small --data_dir=DATA] [--config.data.model=cbow]
`default`: prose of 92,000 words, 9 passes, 2 minutes, 3 seeds: 2.399 ± 0.002 nats a held-out window; nearest to `true` is `false`, to
`float` `complex`, to `exception` `handler` (dlcv.sample --what=neighbours).
`small`: Penn Treebank, 5 passes, 47 minutes on a busy CPU (about 10 of one core), 3 seeds: mean rank correlation over 12 similarity sets
0.102 ± 0.002, analogies 3.1 ± 0.1 %; gensim's skip-gram on the same text and settings 0.100 ± 0.002 and 2.8 ± 0.2 %
(benchmarks/word2vec.py). MC-30 has too few words of this text.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    batch = 1024
    config = base.experiment(
        task="word2vec", task_kw=dict(width=64),
        seeds=3, steps=2000, steps_per_call=10, batch_size=batch, eval_batch_size=2000, log_every=200, eval_every=1000,
        score_every=1000, checkpoint_every=1000,
        data=dict(name="word_windows", corpus="prose", model="skip_gram", window=5, negatives=5, sample=1e-3, minimum=5, size=2500),
        optimizer=base.optimizer("sgd", 0.025 * batch, schedule="linear", schedule_options=dict(end=0.004)),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, steps_per_call=1, batch_size=16, eval_batch_size=256)
        config.update(score_every=3, checkpoint_every=3)
        config.data.update(limit=300, size=200)
        config.task_kw.width, config.optimizer = 8, base.optimizer("sgd", 0.4)
    if rung == "small":
        config.update(steps=15_700, log_every=1570, eval_every=15_700, score_every=15_700, checkpoint_every=3140)
        config.data.update(corpus="ptb", size=10_002, judged=True)
        config.task_kw.width = 100
    return config
