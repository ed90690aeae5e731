"""Translation by a Transformer: encoder and decoder on byte pairs of both languages together, beam search, BLEU of whole texts.

Papers: Vaswani et al., "Attention Is All You Need", 2017; Wu, Kong, Bi, Li and Kao, "Good for Misconceived Reasons: An Empirical Revisiting
on the Need for Visual Context in Multimodal Machine Translation", 2021 (the size for Multi30k).
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/language/number_words.py:{'smoke' if rung == 'smoke' else 'default'}")
    config.task = "translation"
    config.task_kw = dict(size="tiny" if rung == "smoke" else "small", beams=5, alpha=0.6, scores=("bleu",))
    if rung in ("smoke", "default"):
        return config
    config.update(seeds=1, steps=4400, batch_size=128, eval_batch_size=100, log_every=100, eval_every=2200)
    config.update(score_every=2200, checkpoint_every=550, select=dict(metric="", mode="max"))
    buckets = (12, 15, 18, 22, 28, 40)
    config.data = dict(name="multi30k", source="en", target="de", size=5000, joint=True, width=64, buckets=buckets)
    config.task_kw.update(size="multi30k-tiny", sharing="all", dropout=0.2, smoothing=0.1)
    options = dict(schedule="cosine", warmup=500, clip_norm=1.0, options=dict(b2=0.98))
    config.optimizer = base.optimizer("adam", 3.5e-3, **options)
    return config
