"""Word streams: sentences are closed, held-out ones are apart, Penn Treebank has its published sizes."""

import gzip

import numpy as np
import pytest

from dlcv import data
from dlcv.data import word_corpora
from dlcv.errors import Misuse
from dlcv.language.vocabulary import END, UNK


def test_prose_is_sentences_of_known_words():
    options = {"name": "prose_words", "length": 10}
    spec, found = data.spec(options), data.load(options, None)
    words = found.info["vocabulary"]
    assert tuple(spec.info["vocabulary"]) == words and spec.info["size"] == len(words) > 1000
    tokens = found.train.arrays["tokens"]
    assert tokens.max() < len(words) and tokens[-1] == END and (tokens == UNK).mean() < 0.05
    counts = np.bincount(tokens, minlength=len(words))
    assert (counts[4:] >= 2).all() and (np.diff(counts[4:]) <= 0).all()
    assert found.facts["tokens"] == {
        "train": len(tokens),
        **{s: len(v.arrays["tokens"]) for s, v in found.splits.items()},
    }


def test_tenths_are_in_order_and_whole():
    text = " ".join(f"Sentence {i} ends here." for i in range(50))
    found = word_corpora.by_tenths(text, {})
    assert [len(found.splits[split]) for split in ("train", "valid", "test")] == [40, 5, 5]
    assert found.splits["valid"][0] == ["sentence", "40", "ends", "here", "."]


def test_penn_treebank_has_its_published_sizes(data_dir):
    found = data.load({"name": "ptb"}, str(data_dir))
    assert found.facts["tokens"] == {"train": 929_589, "valid": 73_760, "test": 82_430}
    assert len(found.info["vocabulary"]) == data.spec({"name": "ptb"}).info["size"]
    held_out = np.concatenate([split.arrays["tokens"] for split in found.splits.values()])
    line = gzip.decompress((data_dir / "ptb" / "ptb.train.txt.gz").read_bytes()).decode().split("\n")[1]
    first = found.train.arrays["tokens"][25:41]
    assert " ".join(found.info["vocabulary"][token] for token in first) == f"{line.strip()} </s>"
    assert held_out.max() < len(found.info["vocabulary"])


def test_misuse(tmp_path):
    with pytest.raises(Misuse, match=r"'ptb' lacks ptb\.train"):
        data.load({"name": "ptb"}, str(tmp_path))
    with pytest.raises(Misuse, match="unknown corpus of words 'pbt'"):
        word_corpora.corpus("pbt", None)
    with pytest.raises(Misuse, match=r"data\.length=0"):
        data.spec({"name": "ptb", "length": 0})
