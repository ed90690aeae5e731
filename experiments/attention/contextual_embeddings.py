"""Contextual embeddings: one word in different sentences, its lexical vector against the vectors of its occurrences.

Papers: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019; Peters et
al., "Deep Contextualized Word Representations", 2018, section 5.3. Reproduced: whether an occurrence's nearest neighbour has its sense,
layer by layer, against the lexical vector, which is the same in all sentences and can only guess.
Command: python -m dlcv.run --config=experiments/attention/contextual_embeddings.py[:small --data_dir=DATA]
A run or another library's checkpoint: --config.study_kw.source=FOLDER; "apple" and "bass" in texts of one's own, each a file of one sense:
--config.study_kw.words='(("bass", ("music.txt", "fish.txt")),)'
`default`: words that two packages of Python's library use differently, as events of a loop or of a parser, 3 seeds, 10 minutes on one core:
lexical 55.8 %, last layer 78.4 ± 0.6 %. `small`: "court", "board" and others in captions (tennis, skateboard) and in the newspaper (law,
directors): 52.6 % and 93.1 % (one seed); the last two words mean the same in both, and are told apart at 96 %: what a small encoder sees is the
kind of text.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    study = dict(source=f"experiments/attention/bert_sst2.py:{rung}", occurrences=40, width=64, words=(
        ("message", ("email", "logging")), ("event", ("asyncio", "xml")), ("context", ("asyncio", "unittest")),
        ("handler", ("logging", "asyncio")), ("value", ("email", "asyncio")), ("name", ("email", "importlib")),
    ))  # fmt: skip
    if rung == "smoke":
        study.update(occurrences=4, width=24, words=study["words"][:2])
    if rung == "small":
        both = ("captions", "ptb")
        study["words"] = tuple(
            (word, both) for word in ("court", "board", "plant", "stand", "bank", "party", "man", "water")
        )
    return base.study("contextual_embeddings", seeds=3 if rung == "default" else 1, study_kw=study)
