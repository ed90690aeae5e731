"""Contextual embeddings: one word in different sentences, its lexical vector against the vectors of its occurrences.

Papers: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019; Peters et
al., "Deep Contextualized Word Representations", 2018, section 5.3. Reproduced: whether an occurrence's nearest neighbour has its sense,
layer by layer, against the lexical vector, which is the same in all sentences and can only guess.
Command: python -m dlcv.run --config=experiments/attention/contextual_embeddings.py[:small --data_dir=DATA]
A run or another library's checkpoint: --config.study_kw.source=FOLDER; texts of one's own, each a file of one sense:
--config.study_kw.words='(("spring", ("seasons.txt", "wells.txt")),)'
`default`: words that two packages of Python's library use differently, as events of a loop or of a parser, 3 seeds, 10 minutes on one core:
lexical 55.8 %, last layer 78.4 ± 0.6 %. `small` (one seed, after 14 minutes of bert.py:small): the lecture's "apple", fruit or company,
97.5 % in 40 sentences written for it (lexical 48.7 %); its "bass", music or fish, 50.0 %: the text it was trained on hardly has the word.
Then "court", "board" and others in captions (tennis, skateboard) and in the newspaper (law, directors): with them 89.2 % (lexical 51.8 %);
"man" and "water" mean the same in both, and are told apart at 96 %: what a small encoder sees is the kind of text.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    source = "bert.py:small" if rung == "small" else f"bert_sst2.py:{rung}"
    study = dict(source=f"experiments/attention/{source}", occurrences=40, width=64, words=(
        ("message", ("email", "logging")), ("event", ("asyncio", "xml")), ("context", ("asyncio", "unittest")),
        ("handler", ("logging", "asyncio")), ("value", ("email", "asyncio")), ("name", ("email", "importlib")),
    ))  # fmt: skip
    if rung == "smoke":
        study.update(occurrences=4, width=24, words=study["words"][:2])
    if rung == "small":
        both = ("captions", "ptb")
        known = ("court", "board", "plant", "stand", "bank", "party", "man", "water")
        study["words"] = (
            ("apple", ("fruit", "company")),
            ("bass", ("music", "fish")),
            *((word, both) for word in known),
        )
    return base.study("contextual_embeddings", seeds=3 if rung == "default" else 1, study_kw=study)
