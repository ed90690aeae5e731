"""Translation by a Transformer: encoder and decoder on byte pairs of both languages together, beam search, BLEU of whole texts.

Papers: Vaswani et al., "Attention Is All You Need", 2017; Wu, Kong, Bi, Li and Kao, "Good for Misconceived Reasons: An Empirical Revisiting
on the Need for Visual Context in Multimodal Machine Translation", 2021 (the size for Multi30k).
Reproduced: BLEU on Multi30k's test of 2016, cased on detokenised text, the lower-cased tokenised figure beside it; heads and alignments.
Command: python -m dlcv.run --config=experiments/attention/transformer_translation.py:small --data_dir=DATA [--config.data.target=fr]
`default` writes numbers as words, without files.
`small`, fifteen epochs on one CPU core, 22 minutes a seed; 3 seeds (--config.seeds=3 --config.cpu_devices=1): BLEU 36.9 ± 0.3 on test of 2016,
37.2 ± 0.3 lower-cased and tokenised, 36.7 ± 0.3 on valid; one seed of seven epochs with dropout 0.1 gave 34.8. For a GPU forty epochs:
--config.steps=18_000 --config.data.size=10_000 --config.task_kw.dropout=0.3, which was not run.
`paper`: base on WMT14's 4.5 million pairs, whose files `dlcv/data/parallel.py` names; size=big and dropout 0.3 for big.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

REPORTED = dict(value=27.3, source="Vaswani et al. 2017, reported, unverified")


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/language/number_words.py:{'smoke' if rung == 'smoke' else 'default'}")
    config.task = "translation"
    config.task_kw = dict(size="tiny" if rung == "smoke" else "small", beams=5, alpha=0.6, scores=("bleu",))
    if rung in ("smoke", "default"):
        config.optimizer = base.optimizer(
            "adam", 3e-3, schedule="cosine", warmup=0 if rung == "smoke" else 50, clip_norm=1.0
        )
        return config
    config.select = dict(metric="", mode="max")
    config.update(seeds=1, steps=6800, batch_size=64, eval_batch_size=100, log_every=100, eval_every=0, score_every=0)
    config.update(checkpoint_every=850)
    config.data = dict(
        name="multi30k", source="en", target="de", size=5000, joint=True, width=64, buckets=(13, 17, 22, 30)
    )
    config.task_kw.update(size="multi30k-tiny", sharing="all", dropout=0.2, smoothing=0.1)
    options = dict(schedule="cosine", warmup=400, clip_norm=1.0, options=dict(b2=0.98))
    config.optimizer = base.optimizer("adam", 2.5e-3, **options)
    if rung == "paper":
        config.update(steps=100_000, batch_size=768, eval_every=10_000, score_every=10_000, checkpoint_every=5000)
        config.data = dict(name="parallel", source="en", target="de", size=37_000, joint=True, width=128)
        config.task_kw.update(size="base", norm="post", dropout=0.1, beams=4)
        noam = dict(schedule="inverse_square_root", warmup=4000, schedule_options=dict(timescale=4000))
        config.optimizer = base.optimizer("adam", (512 * 4000) ** -0.5, options=dict(b2=0.98, eps=1e-9), **noam)
        config.reference = {"bleu/test": REPORTED}
    return config
