"""Captioned scenes: the sentence says what the picture shows, bad sentences are named."""

import numpy as np
import pytest

from dlcv import data
from dlcv.data import captioned_digits as scenes
from dlcv.errors import Misuse


@pytest.fixture(scope="module")
def found():
    return data.load({"name": "captioned_digits", "draws": 1}, None)


def words(caption) -> list[str]:
    return [scenes.VOCABULARY[token] for token in caption if token]


def test_the_sentence_names_digit_colours_and_size(found):
    arrays = found.train.arrays
    for image, label, caption in zip(arrays["image"][:200], arrays["label"], arrays["caption"], strict=False):
        _, size, colour, digit, _, _, ground, _ = words(caption)
        assert scenes.NAMES.index(digit) == label and colour != ground and size in scenes.SIZES
        border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).astype(float)
        told = min(scenes.COLOURS, key=lambda name: np.abs(np.median(border, 0) - scenes.COLOURS[name]).sum())
        assert told == ground


def test_a_large_digit_covers_more_than_a_small_one(found):
    arrays = found.train.arrays
    covered = {size: [] for size in scenes.SIZES}
    for image, caption in zip(arrays["image"][:300], arrays["caption"], strict=False):
        ground = np.median(image.reshape(-1, 3), axis=0)
        covered[words(caption)[1]].append((np.abs(image - ground).sum(-1) > 120).mean())
    assert np.mean(covered["large"]) > 1.8 * np.mean(covered["small"])


def test_one_scan_is_drawn_in_many_ways(found):
    twice = data.load({"name": "captioned_digits", "draws": 2}, None).train.arrays
    half = len(twice["image"]) // 2
    np.testing.assert_array_equal(twice["label"][:half], twice["label"][half:])
    assert (twice["image"][:half] != twice["image"][half:]).any((1, 2, 3)).mean() > 0.99


@pytest.mark.parametrize(("text", "message"), [("a purple seven", "the word 'purple'"), ("a " * 11, "11 words")])
def test_bad_sentences_are_named(text, message):
    with pytest.raises(Misuse, match=message):
        scenes.tokens(text)
    assert words(scenes.tokens("a small green seven on a blue ground")) == [
        "a",
        "small",
        "green",
        "seven",
        "on",
        "a",
        "blue",
        "ground",
    ]
