"""The three tasks of bits, and how many parameters each design begins with."""

import jax
import numpy as np
import pytest

from dlcv.studies.many_to_many import DESIGNS, begin, count, judged, memory_task, place_task

BITS = np.array([[0, 1, 1, 0, 0]])


def test_answers_depend_on_the_place_or_on_the_past():
    np.testing.assert_array_equal(place_task(BITS), [[0, 0, 1, 1, 0]])
    np.testing.assert_array_equal(memory_task(BITS), [[0, 1, 0, 1, 0]])


def test_parameters_grow_with_the_steps_only_where_nothing_is_shared():
    def counted(design, steps):
        return count(begin(design, jax.random.key(0), steps, 4))

    assert counted("shared, without state", 3) == counted("shared, without state", 9) == 4 + 4 + 4
    assert counted("shared, with state", 3) == counted("shared, with state", 9) == 4 + 4 + 4 + 16
    assert counted("one network a step", 3) == 3 * 12 and counted("one network a step", 9) == 9 * 12


def test_only_networks_of_single_steps_have_no_answer_to_other_lengths():
    for design in DESIGNS:
        found = judged(design, "depends on the present", 0, steps=3, longer=5, width=4, updates=2)
        assert 0 <= found["accuracy"] <= 1
        assert (found["longer"] is None) == (design == "one network a step")


def test_a_mistake_in_a_design_is_no_missing_answer(monkeypatch):
    def broken(weights, x_BTD):
        raise ValueError("shapes do not match")

    monkeypatch.setattr("dlcv.studies.many_to_many.trained", lambda design, weights, *data: weights)
    monkeypatch.setitem(DESIGNS, "shared, with state", broken)
    with pytest.raises(ValueError, match="shapes"):
        judged("shared, with state", "depends on the present", 0, steps=3, longer=5, width=4, updates=2)
