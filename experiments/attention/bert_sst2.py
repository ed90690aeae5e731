"""Pre-training for fine-tuning: a small BERT on text of the kind, and with the vocabulary, that it is fine-tuned on.

Paper: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
Reproduced: masked language modelling as the start of sst2.py and cola.py, which train it on demand; the masked words' nats.
Command: python -m dlcv.run --config=experiments/attention/bert_sst2.py[:small --data_dir=DATA]
`default`: reference pages and docstrings of Python's library, but for the sentences that sst2.py:default is tested on: 3.921 nats,
unigram 6.160, one seed. `small`: training sentences of films, newspaper, captions and a novel, 2.7 million tokens, 14 minutes on one core:
3.825 nats, unigram 6.804, one seed. Reviews of films instead: --config.data.texts='("reviews", "imdb")' (8.3 million tokens; imdb is in the
extra [language]) --config.steps=20000, 24 minutes: 3.428 nats of these, unigram 6.696. `paper` is that of bert.py.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/attention/bert.py:{rung}")
    if rung == "smoke":
        config.data.update(pairs=False)
    if rung == "default":
        config.update(seeds=1, steps=4000, eval_every=1000, checkpoint_every=1000)
        config.data.update(corpus="python", size=2000)
    return config
