"""Translation: a recurrent encoder-decoder with additive attention on byte pairs, beam search, BLEU of whole texts.

Papers: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", 2015; Luong, Pham and Manning,
"Effective Approaches to Attention-based Neural Machine Translation", 2015; Sennrich, Haddow and Birch, 2016 (byte pairs).
Reproduced: BLEU on Multi30k's test of 2016, cased on detokenised text, the lower-cased tokenised figure beside it; alignments.
Command: python -m dlcv.run --config=experiments/language/translation.py:small --data_dir=DATA [--config.data.target=fr]
`default` writes numbers as words, without files: 5 minutes on two cores. `small`, five epochs of 256 units, 26 minutes for 3 seeds on one core
(--config.cpu_devices=1): BLEU 32.1 ± 0.7 on test of 2016, 32.2 ± 0.7 lower-cased and tokenised, 31.7 ± 0.5 on valid; three times as many
steps (--config.steps=6800 --config.seeds=1), 35 minutes: 37.8, one seed.
To French (--config.data.target=fr --config.steps=1600), 7 minutes: 44.9 (44.99 lower-cased and tokenised), one seed; docs/noun_phrases.png.
`paper`: the sizes, batch and optimiser of RNNsearch with 30,000 byte pairs a language, on Multi30k for want of WMT14's files.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/language/number_words.py:{'smoke' if rung == 'smoke' else 'default'}")
    config.task_kw = dict(
        size=config.task_kw.size, attention="additive", feeding=True, beams=5, alpha=0.6, scores=("bleu",)
    )
    if rung in ("smoke", "default"):
        return config
    config.update(steps=2400, batch_size=64, eval_batch_size=100, log_every=100, eval_every=0, score_every=0)
    config.update(checkpoint_every=600, select=dict(metric="", mode="max"))
    config.data = dict(
        name="multi30k", source="en", target="de", size=5000, joint=True, width=64, buckets=(13, 17, 22, 30)
    )
    config.task_kw.update(size="medium", dropout=0.2, smoothing=0.1)
    config.optimizer = base.optimizer("adam", 2e-3, schedule="cosine", warmup=400, clip_norm=1.0)
    if rung == "paper":
        config.update(steps=300_000, batch_size=80, eval_every=10_000, score_every=10_000, checkpoint_every=10_000)
        config.data.update(size=30_000, joint=False, buckets=(16, 32))
        config.task_kw.update(size="bahdanau", dropout=0.0, smoothing=0.0)
        config.optimizer = base.optimizer("adadelta", 1.0, clip_norm=1.0, options=dict(rho=0.95, eps=1e-6))
    return config
