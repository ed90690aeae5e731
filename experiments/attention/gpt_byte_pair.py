"""GPT on byte pairs: a vocabulary learnt from the text, half as many steps a text as characters take.

Papers: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units", 2016; Radford et al., "Language Models are
Unsupervised Multitask Learners", 2019 (bytes as the alphabet). Reproduced: perplexity a token on held-out text; nats a token over the
characters a token (in result.json's data) are nats a character.
Command: python -m dlcv.run --config=experiments/attention/gpt_byte_pair.py[:small --data_dir=DATA]
`default`: English prose, three minutes on one core: perplexity 37.6 ± 0.4, 3.63 ± 0.01 nats a token, 3 seeds.
`small`: War and Peace, `paper`: as gpt.py's; neither was run. One's own texts:
--config.data.of.name=text_folder --config.data.of.path=FOLDER, more in `gpt.py`.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/attention/gpt.py:{rung}")
    if rung == "paper":
        return config
    text = dict(name="prose", limit=8000) if rung == "smoke" else dict(name="prose")
    config.data = dict(name="windows", of=dict(name="byte_pairs", of=text, size=1024, length=64))
    if rung == "smoke":
        config.data.of.update(size=300, length=16)
        return config
    # learned places at gpt.py's rate of 4e-3 are not stable here: perplexity 83 ± 24
    config.task_kw.update(dropout=0.2, positions="rotary")
    if rung == "default":
        config.optimizer.learning_rate = 2e-3
    if rung == "small":
        config.data.of.update(of=dict(name="war_and_peace"), size=4096, length=256)
        config.reference = {}
    return config
