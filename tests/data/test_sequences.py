"""Sets of sequence pairs: they say the same on both sides, valid is new, batches of a bucket hold every pair once."""

import gzip

import numpy as np
import pytest

from dlcv import data
from dlcv.data.buckets import Bucketed
from dlcv.data.sequences import Texts, sequence_data, sequence_spec
from dlcv.errors import Misuse
from dlcv.language.tokenisers import Characters
from dlcv.language.vocabulary import END, PAD, of_tokens

SETS = [
    {"name": "dates", "train": 600, "valid": 100},
    {"name": "number_words", "digits": 5, "train": 600, "valid": 100},
    {"name": "number_words", "digits": 9, "direction": "to_digits", "train": 600, "valid": 100},
]


@pytest.mark.parametrize("options", SETS, ids=lambda o: f"{o['name']}{o.get('direction', '')}")
def test_generated_pairs(options):
    spec, loaded = data.spec(options), data.load(options, None)
    assert loaded.info["examples"] == {"train": 600, "valid": 100} and loaded.facts["cut"] == 0
    seen = {}
    for split, source in (("train", loaded.train), ("valid", loaded.splits["valid"])):
        for side in ("source", "target"):
            tokens, lengths = source.arrays[side], source.arrays[f"{side}_length"]
            assert tokens.shape[1:] == spec.example[side].shape and tokens.max() < spec.info[f"{side}_size"]
            np.testing.assert_array_equal((tokens != PAD).sum(1), lengths)
            assert (tokens[np.arange(len(tokens)), lengths - 1] == END).all()
            seen[split, side] = {loaded.info[f"{side}_tokeniser"].decode(row) for row in tokens}
    assert not seen["train", "target"] & seen["valid", "target"]
    assert seen["valid", "source"] == set(loaded.info["texts"]["valid"].source)
    again = data.load(options, None)
    np.testing.assert_array_equal(again.train.arrays["source"], loaded.train.arrays["source"])


def test_a_date_is_written_by_what_it_says():
    """Python's own reader understands the forms it knows."""
    from datetime import date, datetime

    from dlcv.data.dates import LONG, SHORT

    day = date(2009, 2, 28)
    patterns = [
        "%d.%m.%Y",
        "%d.%m.%Y",
        "%m/%d/%Y",
        "%m/%d/%y",
        "%Y%m%d",
        "%d %B %Y",
        "%d %b %y",
        "%B %d, %Y",
        "%b. %d, %Y",
    ]
    for form, pattern in zip(SHORT, patterns, strict=False):
        assert datetime.strptime(form(day), pattern).date() == day
    assert [form(day) for form in (*SHORT[9:], *LONG)] == [
        "28th of February 2009", "Sat 28 Feb 2009", "Saturday, February 28th, 2009",
        "the twenty-eighth of February, two thousand and nine", "Saturday, the twenty-eighth of February in 2009",
        "Saturday, February the twenty-eighth, two thousand and nine", "the twenty-eighth day of the second month of 2009",
        "the twenty-eighth day of February in the year two thousand and nine",
    ]  # fmt: skip


def lengths_of(*sizes: int) -> dict:
    """Pairs of these lengths; the first token is the row."""
    table = np.zeros((len(sizes), max(sizes)), np.int32)
    for row, size in enumerate(sizes):
        table[row, :size] = row + 4
    length = np.array(sizes, np.int32)
    return {"source": table, "target": table[:, : max(sizes) - 1], "source_length": length, "target_length": length - 1}


def test_buckets_hold_every_pair_once_an_epoch_under_little_padding():
    sizes = [3, 2, 9, 8, 3, 2, 16, 15, 3, 10, 11, 2]
    source = Bucketed(lengths_of(*sizes), (4, 12), "x")
    assert source.widths == (4, 12, 16)
    for epoch in range(2):
        rows, widths = [], []
        for step in range(6):
            indices = source.indices(7, epoch * 6 + step, 2)
            batch = source.gather(source.arrays, indices)
            width = batch["source"].shape[1]
            assert batch["source_length"].max() <= width and (batch["source"][:, 0] - 4 == indices["row"]).all()
            assert batch["target"].shape[1] == min(width, 15)
            rows += indices["row"].tolist()
            widths.append(width)
        assert sorted(rows) == list(range(12)) and sorted(widths) == [4, 4, 4, 12, 12, 16]
    orders = [[source.indices(seed, step, 2)["row"].tolist() for step in range(6)] for seed in (7, 8)]
    assert orders[0] != orders[1] and orders[0] == [source.indices(7, s, 2)["row"].tolist() for s in range(6)]
    with pytest.raises(Misuse, match="12 training pairs"):
        source.indices(0, 0, 13)


def test_a_short_epoch_leaves_out_other_pairs_each_time():
    source = Bucketed(lengths_of(3, 4, 5, 6, 7), (4,), "x")
    seen = {row for step in range(30) for row in source.indices(0, step, 2)["row"].tolist()}
    assert seen == set(range(5))


def test_a_sweep_holds_every_pair_in_order():
    source = Bucketed(lengths_of(3, 9, 5), (4,))
    batches = source.sweep(2)
    rows = np.concatenate([indices["row"] for indices, _ in batches])
    assert rows.tolist() == [0, 1, 2, 0] and np.concatenate([mask for _, mask in batches]).tolist() == [1, 1, 1, 0]
    assert {source.gather(source.arrays, indices)["source"].shape for indices, _ in batches} == {(2, 9)}


def test_long_pairs_leave_training_and_are_cut_elsewhere():
    letters = Characters(of_tokens("abc"))
    texts = {"train": Texts(["ab", "abcabc"], ["a", "b"]), "valid": Texts(["abcabc"], ["c"])}
    loaded = sequence_data("x", sequence_spec(4, 4, 7, 7), texts, letters, letters)
    assert loaded.info["examples"] == {"train": 1, "valid": 1} and (loaded.facts["left_out"], loaded.facts["cut"]) == (
        1,
        1,
    )
    assert loaded.splits["valid"].arrays["source"].tolist() == [letters.encode("abca").tolist()]
    with pytest.raises(Misuse, match="expected at most 6"):
        sequence_data("x", sequence_spec(4, 4, 6, 7), texts, letters, letters)


@pytest.mark.parametrize("kind", ["character", "word"])
def test_pairs_of_the_user(kind, tmp_path):
    file = tmp_path / "pairs.tsv"
    file.write_text("".join(f"the number {n}\tdie Zahl {n}\n" for n in range(20)), encoding="utf-8")
    options = {"name": "tab_pairs", "path": str(file), "tokeniser": kind, "width": 24}
    loaded = data.load(options, None)
    assert loaded.info["examples"] == {"train": 18, "valid": 2}
    assert loaded.info["source_size"] == len(loaded.info["source_tokeniser"].vocabulary)
    first = loaded.info["target_tokeniser"].decode(loaded.train.arrays["target"][0])
    assert first.startswith("die Zahl ")
    joint = data.load({**options, "joint": True}, None).info
    assert joint["joint"] and joint["source_tokeniser"] is joint["target_tokeniser"] and not loaded.info["joint"]
    assert joint["source_tokeniser"].decode(joint["target_tokeniser"].encode("die number 7")) == "die number 7"
    file.write_text("one column\n")
    with pytest.raises(Misuse, match="line 1: expected a source, one tab and a target"):
        data.spec({**options, "held_out": 0.2})


def test_parallel_files_are_read_as_published(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCV_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "wmt14"
    folder.mkdir()
    for name, count in (("train", 30), ("newstest2013", 3), ("newstest2014", 2)):
        for language, text in (("en", "the number"), ("de", "die Zahl")):
            lines = "".join(f"{text} {n} \u2028 .\n" for n in range(count)).encode()
            if name == "train":
                (folder / f"{name}.{language}.gz").write_bytes(gzip.compress(lines))
            else:
                (folder / f"{name}.{language}").write_bytes(lines)
    options = {"name": "parallel", "size": 200, "limit": 20}
    loaded = data.load(options, str(tmp_path))
    assert loaded.info["examples"] == {"train": 20, "valid": 3, "test": 2}
    assert loaded.info["source_tokeniser"] is loaded.info["target_tokeniser"]
    assert loaded.info["target_tokeniser"].decode(loaded.train.arrays["target"][7]).startswith("die Zahl 7")
    apart = data.load({**options, "joint": False, "test": ""}, str(tmp_path))
    assert set(apart.splits) == {"valid"} and apart.info["source_tokeniser"] != apart.info["target_tokeniser"]
    with pytest.raises(Misuse, match=r"lacks newstest2015\.en or newstest2015\.en\.gz: put it into"):
        data.load({**options, "valid": "newstest2015"}, str(tmp_path))
    with pytest.raises(Misuse, match="are one language"):
        data.spec({**options, "target": "en"})


def test_multi30k_is_aligned_and_its_byte_pairs_are_learnt_once(data_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCV_CACHE", str(tmp_path))
    options = {"name": "multi30k", "target": "fr", "size": 1000, "limit": 2000}
    loaded = data.load(options, str(data_dir))
    examples = loaded.info["examples"]
    assert examples == {"train": 2000 - loaded.facts["left_out"], "valid": 1014, "test": 1000}
    test, english = loaded.splits["test"].arrays, loaded.info["source_tokeniser"]
    assert english.decode(test["source"][0]) == loaded.info["texts"]["test"].source[0]
    assert loaded.info["texts"]["test"].target[0].startswith("Un homme avec un chapeau orange")
    (file, _) = sorted((tmp_path / "byte_pairs").iterdir())
    written = file.stat().st_mtime_ns
    assert data.load(options, str(data_dir)).info["source_tokeniser"] == english
    assert file.stat().st_mtime_ns == written
    joint = data.load({**options, "joint": True}, str(data_dir)).info
    assert (
        joint["source_tokeniser"] is joint["target_tokeniser"] and joint["source_size"] == joint["target_size"] == 1000
    )
