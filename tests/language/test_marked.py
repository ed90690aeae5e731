"""Tokenisers with a mask: our own, and WordPiece from a checkpoint's folder, as Transformers reads it."""

import json

import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.language.marked import MASK, Marks, plain, with_mask, wordpieces
from dlcv.language.tokenisers import byte_pairs, learnt

TEXTS = ["The list is empty.", "A list of lists, not a tuple!", "the tuple is empty, too"]
PIECES = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "the",
    "list",
    "##s",
    "is",
    "em",
    "##pty",
    ".",
    "a",
    "of",
    ",",
    "not",
    "tuple",
)


def test_plain_text_has_small_letters_and_marks_beside_words():
    assert plain("The  LIST (of x) ends.") == "the list( of x) ends."


@pytest.mark.parametrize("kind", ["word", "byte_pair"])
def test_the_mask_is_one_token_more(kind):
    texts = [plain(text) for text in TEXTS]
    found = with_mask(learnt("word", texts, 60) if kind == "word" else byte_pairs(texts, 60), 60)
    assert found.size == 61 and found.marks == Marks(0, 1, 2, 3, 60)
    tokens = found.encode(texts[0])
    assert tokens.max() < 60 and found.labels([*tokens, 60])[-1] == MASK
    assert found.joined(found.labels(tokens)).replace(" .", ".") == texts[0]
    with pytest.raises(Misuse, match="expected at most 10"):
        with_mask(learnt("word", texts, 60), 10)


@pytest.mark.peers
@pytest.mark.parametrize("file", ["vocab.txt", "tokenizer.json"])
def test_wordpieces_are_those_of_transformers(tmp_path, file):
    from transformers import BertTokenizerFast

    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    theirs = BertTokenizerFast(vocab=dict(zip(PIECES, range(len(PIECES)), strict=True)))
    if file == "tokenizer.json":
        (tmp_path / "vocab.txt").unlink()
        theirs.backend_tokenizer.save(str(tmp_path / file))
    found = wordpieces(tmp_path)
    assert found.size == len(PIECES) and found.marks == Marks(0, 2, 3, 1, 4)
    for text in TEXTS:
        np.testing.assert_array_equal(found.encode(text), theirs.encode(text, add_special_tokens=False))
    assert found.joined(found.labels(found.encode("The lists is empty."))) == "the lists is empty ."


def test_a_folder_without_a_tokeniser_or_without_a_mask_is_refused(tmp_path):
    with pytest.raises(Misuse, match=r"has no tokeniser: expected tokenizer\.json or vocab\.txt"):
        wordpieces(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(piece for piece in PIECES if piece != "[MASK]"))
    with pytest.raises(Misuse, match=r"has no \[MASK\]"):
        wordpieces(tmp_path)
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": "none"}))
    with pytest.raises(Misuse, match="cannot be read"):
        wordpieces(tmp_path)
