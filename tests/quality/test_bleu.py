"""BLEU of texts: by hand where it is short, and only by what counts."""

import math

import pytest

from dlcv.errors import Misuse

pytest.importorskip("sacrebleu")
from dlcv.quality.bleu import bleu

TEXTS = ["A man in an orange hat is starring at something.", "Two dogs run over the green grass."]


def test_equal_texts_have_100_and_case_counts_in_the_first_alone():
    assert bleu(TEXTS, TEXTS) == {"bleu": pytest.approx(100), "lower_tokenised": pytest.approx(100)}
    lower = bleu([text.lower() for text in TEXTS], TEXTS)
    assert lower["bleu"] < 95 and lower["lower_tokenised"] == pytest.approx(100)


def test_bleu_by_hand():
    """Four of five words, in one run: precisions 4/5, 3/4, 2/3, 1/2, no brevity penalty."""
    found = bleu(["a b c d x"], ["a b c d e"])
    assert found["bleu"] == pytest.approx(100 * math.exp(sum(map(math.log, (4 / 5, 3 / 4, 2 / 3, 1 / 2))) / 4))


def test_lists_must_fit():
    with pytest.raises(Misuse, match="1 texts against 2 references"):
        bleu(["a"], ["a", "b"])
