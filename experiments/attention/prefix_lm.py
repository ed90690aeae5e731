"""Prefix language model: the beginning of a text seen whole, what follows told token by token.

Papers: Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", 2020, section 3.2; Dong et al.,
"Unified Language Model Pre-training for Natural Language Understanding and Generation", 2019.
Reproduced: nats a character of the second half of windows whose first half is the prefix; with mask=causal a model that sees the prefix
token by token is asked for the same characters.
Command: python -m dlcv.run --config=experiments/attention/prefix_lm.py[:small --data_dir=DATA] [--config.task_kw.mask=causal]
`default`: English prose, three minutes on two cores: 1.93 ± 0.03 nats, 3 seeds (the causal one was not run).
`small`: tiny Shakespeare, `paper`: a folder of texts at GPT-2's size; neither was run.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/attention/gpt.py:{rung}")
    kept = {name: config.task_kw[name] for name in ("size", "dropout")}
    config.task, config.task_kw, config.reference = "prefix_language_model", dict(mask="prefix", **kept), {}
    if rung == "default":
        config.update(steps=500, eval_every=250, checkpoint_every=250)
    return config
