"""Windows and byte pairs of texts: each token once an epoch, every text back as it was, vocabularies learnt once."""

import numpy as np
import pytest

from dlcv import data
from dlcv.data.source import HostWindows, Windows
from dlcv.errors import Misuse
from dlcv.language import byte_level

PROSE = {"name": "prose", "limit": 20_000, "length": 16}
TEXTS = ["A whale, a whale!\n\tThar she blows: 20 of them — über there.\n", "The sea was calm; the sea was deep.\n"] * 3


@pytest.mark.parametrize("kind", [Windows, HostWindows])
def test_an_epoch_of_windows_reads_every_token_at_most_once_and_nearly_all(kind):
    source = kind({"tokens": np.arange(103, dtype=np.uint16)}, 10)
    batches = 9  # an epoch: (103 - 10) // 10 windows of one row each
    rows = [source.gather(source.arrays, source.indices(3, step, 1))["tokens"] for step in range(2 * batches)]
    for epoch in (rows[:batches], rows[batches:]):
        inputs = np.concatenate([row[0, :-1] for row in epoch])
        assert len(set(inputs)) == len(inputs) == 90
        for row in epoch:
            np.testing.assert_array_equal(row[0], row[0, 0] + np.arange(11))
    starts = [[int(row[0, 0]) for row in rows[part]] for part in (slice(0, batches), slice(batches, None))]
    assert starts[0] != sorted(starts[0]) and set(starts[0]) != set(starts[1])
    np.testing.assert_array_equal(source.indices(3, 5, 4), source.indices(3, 5, 4))
    assert (source.indices(3, 5, 4) != source.indices(4, 5, 4)).any()
    assert max(source.indices(seed, 0, 9).max() for seed in range(50)) + 10 < 103


def test_what_is_shown_of_a_text_lies_end_to_end():
    source = Windows({"tokens": np.arange(21)}, 10)
    np.testing.assert_array_equal(source.windows(), [0, 10])
    assert source.gather(source.arrays, source.windows())["tokens"].max() == 20


def test_windows_hold_out_what_the_stream_holds_out():
    stream, windows = (data.load(options, None) for options in (PROSE, {"name": "windows", "of": PROSE}))
    np.testing.assert_array_equal(stream.train.arrays["tokens"], windows.train.arrays["tokens"])
    np.testing.assert_array_equal(stream.splits["valid"].arrays["tokens"], windows.splits["valid"].arrays["tokens"])
    assert data.spec({"name": "windows", "of": PROSE}) == data.spec(PROSE) and stream.info == windows.info


def test_byte_pairs_give_every_text_back_and_are_learnt_once(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCV_CACHE", str(tmp_path))
    options = {"name": "byte_pairs", "of": PROSE, "size": 400, "length": 8}
    loaded, characters = data.load(options, None), data.load(PROSE, None)
    tokeniser = loaded.info["tokeniser"]
    for split, source in {"train": loaded.train, **loaded.splits}.items():
        whole = characters.train if split == "train" else characters.splits[split]
        text = "".join(characters.info["vocabulary"][token] for token in whole.arrays["tokens"])
        assert tokeniser.decode(source.arrays["tokens"]) == text
        assert len(source.arrays["tokens"]) < 0.7 * len(text)
    assert len(tokeniser) == 400 and loaded.info["size"] == 400

    def never(*_):
        raise AssertionError("learnt again")

    monkeypatch.setattr(byte_level, "learnt", never)
    assert data.load(options, None).info["tokeniser"] == tokeniser


@pytest.mark.peers
def test_our_files_are_gpt_2s(tmp_path):
    """Transformers' own reader makes the same tokens of them, also of bytes that were never seen."""
    transformers = pytest.importorskip("transformers")
    tokeniser = byte_level.learnt(TEXTS, 300)
    tokeniser.save(tmp_path)
    theirs = transformers.GPT2TokenizerFast.from_pretrained(tmp_path)
    for text in (*TEXTS[:2], "Unseen: 鯨 \x00 ÿ  two spaces"):
        found = tokeniser.encode(text)
        assert found.tolist() == theirs(text)["input_ids"] and tokeniser.decode(found) == text
    assert byte_level.load(tmp_path) == tokeniser and theirs.eos_token_id == tokeniser.end


def folder_of(texts, path):
    for place, text in enumerate(texts):
        (path / f"part{place % 2}").mkdir(exist_ok=True)
        (path / f"part{place % 2}" / f"{place}.txt").write_text(text, encoding="utf-8")
    return {"name": "text_folder", "path": str(path), "size": 300, "length": 4}


def test_a_folder_of_texts_is_documents_with_their_ends(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "texts").mkdir()
    options = folder_of(TEXTS, tmp_path / "texts")
    loaded = data.load(options, None)
    tokeniser = loaded.info["tokeniser"]
    found = []
    for source in (loaded.train, *loaded.splits.values()):
        text = tokeniser.decode(source.arrays["tokens"])
        assert text.endswith(byte_level.END)
        found += text.split(byte_level.END)[:-1]
    assert sorted(found) == sorted(TEXTS) and loaded.facts["files"] == {"valid": 1, "train": 5}
    given = {**options, "tokens": str(next((tmp_path / "cache" / "byte_level").iterdir()))}
    assert data.load(given, None).info["tokeniser"] == tokeniser
    assert data.spec(given).info == {"size": len(tokeniser)}
    monkeypatch.setattr("dlcv.data.text_folder.RESIDENT", 10)  # larger than memory
    mapped = data.load({"name": "windows", "of": options}, None)
    assert isinstance(mapped.train, HostWindows) and isinstance(mapped.train.arrays["tokens"], np.memmap)
    row = mapped.train.batch(0, 0, 2)["tokens"]
    assert row.shape == (2, 5) and row.dtype == np.int32 and tokeniser.decode(row[0])


def test_what_is_no_text_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCV_CACHE", str(tmp_path / "cache"))
    empty = {"name": "text_folder", "path": str(tmp_path)}
    (tmp_path / "a.txt").write_text("a")
    for options, message in (
        (empty, "holds 1 text files"), ({**empty, "size": 100}, "data.size=100"),
        ({**empty, "tokens": str(tmp_path)}, "expected GPT-2's vocab.json"),
        ({"name": "byte_pairs", "of": {"name": "digits"}}, "takes sets of characters"),
        ({"name": "windows", "of": {"name": "digits"}}, "takes streams of tokens"),
    ):  # fmt: skip
        with pytest.raises(Misuse, match=message):
            data.load(options, None)
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("abcdefg")
    with pytest.raises(Misuse, match="has 8 tokens: windows of 5 need twice as many"):
        data.load({"name": "windows", "of": {**empty, "length": 5}}, None)
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Misuse, match=r"b.txt is no UTF-8 text"):
        data.load(empty, None)
