"""Sets by name: every file is a set, spec and load take the same options, mistakes are one line with a suggestion."""

import inspect
from importlib import import_module

import numpy as np
import pytest

from dlcv import data
from dlcv.errors import Misuse

DIGITS = {"name": "digits", "channels": 3}
EMBEDDED = [
    {"name": "digits"},
    {"name": "digits", "size": 32, "channels": 3, "limit": 100, "valid_limit": 20},
    {"name": "digits_on_photographs"},
    {"name": "digits_on_photographs", "size": 32, "draws": 1},
    {"name": "domains", "source": DIGITS, "target": {"name": "digits_on_photographs", "limit": 50}},
    {"name": "code", "length": 16, "limit": 10_000},
    {"name": "prose", "limit": 10_000},
]


def shapes(tree):
    return {
        key: shapes(leaf) if isinstance(leaf, dict) else (leaf.shape, np.dtype(leaf.dtype))
        for key, leaf in tree.items()
    }


@pytest.mark.parametrize("name", data.names())
def test_spec_and_load_take_the_same_options(name):
    module = import_module(f"dlcv.data.{name}")
    spec, load = inspect.signature(module.spec).parameters, inspect.signature(module.load).parameters
    assert {key: value.default for key, value in load.items() if key != "data_dir"} == {
        key: value.default for key, value in spec.items()
    }
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in load.values())


@pytest.mark.parametrize("options", EMBEDDED, ids=lambda options: options["name"])
def test_spec_equals_what_is_loaded(options):
    spec, loaded = data.spec(options), data.load(options, None)
    batch = loaded.train.gather(loaded.train.arrays, loaded.train.indices(0, 0, 8))
    assert shapes(batch) == shapes(spec.batch(8))
    for source in loaded.splits.values():
        valid = source.gather(source.arrays, source.sweep(8)[0][0])
        assert {"image", "label"} <= valid.keys() or valid["tokens"].shape == spec.batch(8)["tokens"].shape
    for fact in ("classes", "vocabulary"):
        assert loaded.info.get(fact) == spec.info.get(fact)
    if "limit" not in options and "target" not in options:
        assert loaded.info["examples"] == spec.info["examples"]


@pytest.mark.parametrize(
    "name", ["cifar10", "cifar10_jpg", "fashion_mnist", "linux", "mnist", "mnist_m", "usps", "shakespeare"]
)
def test_spec_of_a_named_set_reads_no_file(name):
    assert data.spec({"name": name}).example


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "digit"}, "unknown data set 'digit': did you mean 'digits'?"),
        ({"name": "source"}, "unknown data set 'source'"),
        ({"name": "mnist:3"}, "unknown data set 'mnist:3'"),
        ({}, "data.name is missing"),
        ({"name": "digits", "chanels": 3}, "did you mean 'channels'? (it takes: size, channels, limit, valid_limit)"),
        ({"name": "digits", "channels": 2}, "data.channels=2: expected one of 1, 3"),
        ({"name": "digits", "size": 65}, "data.size=65: expected 8 to 64, a whole number"),
        ({"name": "digits_on_photographs", "draws": 0}, "data.draws=0: expected 1 to 64, a whole number"),
        ({"name": "mnist", "size": 29}, "data.size=29: expected one of 28, 32"),
        ({"name": "domains", "source": DIGITS}, "data set 'domains' needs data.target"),
        ({"name": "domains", "source": {"name": "digits"}, "target": {"name": "mnist_m"}}, "differ in image shapes"),
        ({"name": "code", "length": 0}, "data.length=0"),
        ({"name": "tfds"}, "needs data.builder"),
    ],
)
def test_misuse_names_the_thing_and_the_way_out(options, message):
    for call in (data.spec, lambda given: data.load(given, None)):
        with pytest.raises(Misuse) as caught:
            call(options)
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)
