"""Dates as people write them to ISO form: a Transformer's encoder and decoder on characters.

Paper: Vaswani et al., "Attention Is All You Need", 2017. Reproduced: the architecture, with its normalisation before each layer (Xiong et
al., 2020), on the data of `language/dates`, whose network is recurrent.
Command: python -m dlcv.run --config=experiments/attention/transformer_dates.py
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/language/dates.py:{rung}")
    config.task = "translation"
    size = {"smoke": "tiny", "paper": "base"}.get(rung, "small")
    config.task_kw = dict(size=size, positions="sinusoidal", long=60)
    config.optimizer = base.optimizer("adam", 3e-3, schedule="cosine", clip_norm=1.0, options=dict(b2=0.98))
    return config
