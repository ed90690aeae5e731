"""Rows for encoders: no word is lost, pairs follow each other in half of the rows, the published sets have the published sizes."""

import numpy as np
import pytest

import dlcv.data
from dlcv.data import marked_rows
from dlcv.data.library_sentences import CLASSES
from dlcv.data.sentences import sentences
from dlcv.errors import Misuse
from dlcv.language.marked import with_mask
from dlcv.language.tokenisers import learnt

READER = with_mask(learnt("word", ["a b c d e f g"], 20), 20)
RNG = np.random.default_rng(0)
ROWS = [RNG.integers(4, 11, size) for size in RNG.integers(1, 12, 400)]


def test_passages_hold_every_word_once_and_in_order():
    made = marked_rows.passages(ROWS, 16, READER)
    read = [token for row, length in zip(made["tokens"], made["length"], strict=True) for token in row[:length]]
    words = [token for token in read if token > 3]
    assert words == [token for row in ROWS for token in row]
    assert (made["tokens"][:, 0] == READER.marks.start).all() and read.count(READER.marks.end) == len(ROWS)
    last = made["tokens"][np.arange(len(made["length"])), made["length"] - 1]
    assert (last == READER.marks.end).all() and (made["length"] > 4).all()
    long = marked_rows.passages([np.full(40, 5)], 16, READER)
    assert long["tokens"].shape == (1, 16) and long["length"][0] == 16


def test_half_of_the_pairs_are_true_successors_and_the_others_never():
    rows = [np.array([number % 250 + 4, number // 250 + 4]) for number in range(2001)]  # told apart by their two tokens
    made = marked_rows.pairs(rows, 9, READER)
    count = len(made["next"])
    assert count == 2000 and abs(made["next"].mean() - 0.5) < 4 * 0.5 / np.sqrt(count)
    second = made["tokens"][:, 4:6]
    follows = (second == np.stack(rows[1:])).all(1)
    np.testing.assert_array_equal(follows, made["next"] == 0)
    np.testing.assert_array_equal(made["segments"], np.tile([0, 0, 0, 0, 1, 1, 1, 0, 0], (count, 1)))
    np.testing.assert_array_equal(
        made["tokens"][0, [0, 3, 6, 7]], [READER.marks.start, READER.marks.end, READER.marks.end, 0]
    )


def test_long_sentences_of_a_pair_are_cut_to_half_the_row_each():
    made = marked_rows.pairs([np.full(30, 5), np.full(30, 6), np.full(30, 7)], 12, READER)
    assert (made["length"] == 11).all() and made["segments"].sum(1).tolist() == [5, 5]


def test_embedded_sentences_are_labelled_and_held_out_of_the_pre_training_text():
    options = dict(name="library_sentences", corpus="prose", size=300, width=32)
    spec, data = dlcv.data.spec(options), dlcv.data.load(options, None)
    assert spec.info["classes"] == CLASSES and len(data.train) > 2000 and len(data.splits["valid"]) > 400
    assert set(data.train.arrays["label"]) == set(range(8))
    some = dlcv.data.load({**options, "labelled": 5}, None)
    assert np.bincount(some.train.arrays["label"]).tolist() == [5] * 8
    with pytest.raises(Misuse, match=r"data.labelled=100000: expected a number from 1 to \d+"):
        dlcv.data.load({**options, "labelled": 100_000}, None)
    rows = data.splits["valid"].arrays
    read = data.info["reader"]
    held = {
        read.joined(read.labels(row[1 : n - 1]))
        for row, n in zip(rows["tokens"], rows["length"], strict=True)
        if n < 32
    }
    assert len(held) > 200 and not held & set(sentences("python", None).splits["train"])


def test_a_text_file_or_a_folder_is_a_corpus(tmp_path):
    (tmp_path / "a.txt").write_text("One is here. Two is here. Three is here.\n\nFour is there.")
    options = dict(name="passages", corpus=str(tmp_path), tokeniser="word", size=20, width=8)
    data = dlcv.data.load(options, None)
    assert len(data.train) == 3 and len(data.splits["valid"]) == 1
    with pytest.raises(Misuse, match=r"unknown data\.corpus \(nor is it a file or folder\) 'pros'"):
        dlcv.data.load(dict(name="passages", corpus="pros"), None)
    with pytest.raises(Misuse, match=r"data\.tokeniser"):
        dlcv.data.spec(dict(name="passages", tokeniser="words"))


def test_reviews_come_without_labels_and_as_the_treebanks_write(tmp_path, monkeypatch):
    file = tmp_path / "reviews.csv"
    rows = [f'"It\'s film {n}. We don’t like it!<br /><br />No.",0,imdb' for n in range(21)]
    file.write_text("\n".join(["text,label,source", *rows, '"A snippet.",1,rotten_tomatoes']) + "\n", encoding="utf-8")
    monkeypatch.setattr("dlcv.data.sentences.bundled", lambda name, install: file)
    monkeypatch.setattr("dlcv.data.sentences.verify", lambda path, published: "checked")
    found = sentences("imdb", None)
    assert found.splits["train"][:3] == ["it' s film 1.", "we do n’t like it!", "no."]
    assert len(found.splits["train"]) == 19 * 3 and len(found.splits["valid"]) == 2 * 3
    assert found.facts == {"sha256": "checked"}


def test_texts_other_than_the_vocabularys(tmp_path):
    """Words of `texts` are trained on, read with the vocabulary of `corpus`, which does not know them."""
    for name, words in (("a", "one two three"), ("b", "four five six"), ("c", "one five")):
        (tmp_path / f"{name}.txt").write_text("\n\n".join([words] * 4))
    a, *others = (str(tmp_path / f"{name}.txt") for name in "abc")
    data = dlcv.data.load(dict(name="passages", corpus=a, texts=others, tokeniser="word", size=20, width=8), None)
    read = data.info["reader"]
    assert {"one", "two", "three"} <= set(read.tokens) and not {"four", "five", "six"} & set(read.tokens)
    seen = [read.labels(row[1 : n - 1]) for row, n in zip(*data.train.arrays.values(), strict=True)]
    assert any("one" in row for row in seen) and not any("two" in row for row in seen)
    assert data.facts["corpus"] == a and set(others) <= set(data.facts)


@pytest.mark.parametrize(
    ("name", "examples"),
    [
        ("sst2", {"train": 6920, "valid": 872, "test": 1821}),
        ("sst2_phrases", {"train": 67_349, "valid": 872}),
        ("cola", {"train": 8551, "valid": 527, "out_of_domain": 516}),
    ],
)
def test_published_sets_have_their_published_sizes(name, examples, data_dir):
    data = dlcv.data.load(dict(name=name, corpus="reviews", size=1000), str(data_dir))
    assert data.facts["examples"] == examples
    assert set(data.train.arrays["label"]) == {0, 1}
