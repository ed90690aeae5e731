"""What connects decoder and encoder: counted for every arm, beside what a matrix for each pair of places would take."""

import jax
import pytest

from dlcv.engine import catalogue
from dlcv.studies.by_length import connections, connections_table

DATES = "experiments/language/dates.py:default"


def experiment(**options):
    made = catalogue.experiment(DATES, None)
    made.config.task_kw.update(options)
    return made


def size(**options) -> int:
    task = experiment(**options).task
    shapes = jax.eval_shape(lambda key: task.init(key, task.batch_spec), jax.random.key(0))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes.params))


@pytest.mark.parametrize("attention", ["general", "additive", "location", "dot"])
def test_a_score_takes_what_the_network_has_more_than_by_products(attention):
    """Sources of dates have at most 120 characters, their forms 11: 1,320 matrices of 128 x 128."""
    found = connections(experiment(attention=attention))
    assert found["score"] == size(attention=attention) - size(attention="dot")
    assert found["every_state"] == 120 * 11 * 128 * 128 and found["pairs"] == 1320


def test_the_table_has_both_counts():
    connected = {"attention": connections(experiment()), "without": connections(experiment(attention="last"))}
    lines = connections_table(connected, {"attention": 219087, "without": 202703}).splitlines()
    assert lines[2] == "| attention | 219,087 | 16,384 | 21,626,880 (1,320 pairs) |"
    assert lines[3] == "| without | 202,703 | 0 | 21,626,880 (1,320 pairs) |"
    assert connections_table({}, {}) == ""
