"""Dates as people write them to ISO form: a Transformer's encoder and decoder on characters.

Paper: Vaswani et al., "Attention Is All You Need", 2017. Reproduced: the architecture, with its normalisation before each layer (Xiong et
al., 2020) and rotary positions (Su et al., 2021), on the data of `language/dates`, whose network is recurrent.
Command: python -m dlcv.run --config=experiments/attention/transformer_dates.py
`default`, 13 minutes of a core shared with others (about 3 of its own), 3 seeds: 99.8 ± 0.3 % exact match on 1,000 held-out days,
99.7 ± 0.2 % of those longer than 60 characters. Sinusoidal positions learn later: 64.6 % after 600 steps of 128, one seed.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/language/dates.py:{rung}")
    config.task = "translation"
    size = {"smoke": "tiny", "paper": "base"}.get(rung, "small")
    config.task_kw = dict(size=size, positions="rotary", long=60)
    config.optimizer = base.optimizer("adam", 2e-3, schedule="cosine", clip_norm=1.0, options=dict(b2=0.98))
    if rung == "default":
        config.update(steps=1800, batch_size=32, log_every=100, eval_every=900, checkpoint_every=900)
    if rung != "smoke":
        config.optimizer.warmup = 100
    return config
