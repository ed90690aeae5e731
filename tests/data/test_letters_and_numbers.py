"""Letters and numbers: who tells a number, that every missing one can be told, and what is refused."""

import numpy as np
import pytest

from dlcv import data
from dlcv.errors import Misuse

SET = {"name": "letters_and_numbers", "letters": 3, "length": 8, "limit": 400, "valid_limit": 50}


def arrays(**options):
    return data.load(SET | options, None).train.arrays


def test_spec_equals_what_is_loaded_and_splits_differ():
    spec, loaded = data.spec(SET), data.load(SET, None)
    batch = loaded.train.gather(loaded.train.arrays, loaded.train.indices(0, 0, 8))
    wanted = {key: (leaf.shape, leaf.dtype) for key, leaf in spec.batch(8).items()}
    assert {key: (leaf.shape, leaf.dtype) for key, leaf in batch.items()} == wanted
    assert not np.array_equal(loaded.splits["valid"].arrays["letter"], loaded.train.arrays["letter"][:50])


@pytest.mark.parametrize("rule", ["own", "before"])
@pytest.mark.parametrize("mapping", ["fixed", "drawn"])
def test_each_letter_tells_one_number_of_a_row_and_a_missing_one_has_a_given_fellow(rule, mapping):
    found, mappings = arrays(rule=rule, mapping=mapping), set()
    for letters, numbers, asked in zip(found["letter"], found["number"], found["asked"], strict=True):
        telling = letters if rule == "own" else np.r_[letters[0], letters[:-1]]
        told = {letter: set(numbers[telling == letter]) for letter in set(telling.tolist())}
        assert all(len(one) == 1 for one in told.values())
        mappings |= {(letter, *one) for letter, one in told.items()}
        assert set(telling[asked].tolist()) <= set(telling[~asked].tolist())
    assert mappings == {(c, n) for c in range(3) for n in range(3) if mapping == "drawn" or c == n}
    assert 0.3 < found["asked"].mean() <= 0.5


def test_under_the_rule_before_equal_letters_have_unequal_numbers_so_that_a_set_cannot_tell():
    found = arrays(rule="before", mapping="fixed", letters=2)
    first_letter = found["letter"] == 0
    shares = [
        found["number"][first_letter & found["asked"]].mean(),
        found["number"][~first_letter & found["asked"]].mean(),
    ]
    np.testing.assert_allclose(shares, 0.5, atol=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(rule="onw"), "data.rule='onw': expected one of 'own', 'before'"),
        (dict(mapping="new"), "data.mapping='new'"),
        (dict(letters=1), "data.letters=1: expected a number from 2 to 26"),
        (dict(length=1), "data.length=1"),
    ],
)
def test_other_options_are_refused(change, message):
    with pytest.raises(Misuse, match=message):
        data.spec(SET | change)
