"""Every closed-form method: what its projection promises, its invariances, and a shift that must be undone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from shifts import blobs, shifted_classes

from dlcv import shallow
from dlcv.errors import Misuse
from dlcv.shallow.classifiers import nearest_neighbour

SMALL = {
    "sa": {"dim": 4},
    "sda": {"dim": 4},
    "gfk": {"dim": 4},
    "tca": {"dim": 4},
    "jda": {"dim": 4, "iterations": 3},
    "tjm": {"dim": 4, "iterations": 3},
    "jgsa_primal": {"dim": 4, "iterations": 3},
    "jgsa_linear": {"dim": 4, "iterations": 3},
    "jgsa_rbf": {"dim": 4, "iterations": 3, "width": 5.0},
    "ot_gl": {"iterations": 3},
    "meda": {"dim": 4, "iterations": 3, "neighbours": 5},
}
METHODS = sorted(shallow.METHODS)


def fitted(name, source, labels, target):
    return shallow.fit(name, source, labels, target, **SMALL.get(name, {}))


def accuracy(projection, labels, wanted):
    found = projection.labels
    if found is None:
        found = nearest_neighbour(projection.source, labels, projection.target)
    return np.mean(found == wanted)


def geometry(projection):
    """All distances between embedded samples: what a change of sign or a rotation of the embedding keeps."""
    z = np.concatenate([projection.source, projection.target])
    return cdist(z, z)


@pytest.mark.parametrize("name", METHODS)
def test_transform_repeats_the_fitted_embedding(name):
    source, labels, target, _ = blobs()
    found = fitted(name, source, labels, target)
    assert found.source.dtype == found.target.dtype == np.float64
    assert len(found.source) == len(source) and len(found.target) == len(target)
    np.testing.assert_allclose(found.transform(target), found.target, atol=1e-8)
    np.testing.assert_allclose(found.transform(source[3:7], "source"), found.source[3:7], atol=1e-8)
    for entry in found.history:
        assert np.isfinite(entry["objective"])
        assert "labels" not in entry or entry["labels"].shape == target.shape[:1]


@pytest.mark.parametrize("name", METHODS)
def test_the_order_of_the_samples_does_not_matter(name):
    source, labels, target, _ = blobs(1)
    rng = np.random.default_rng(2)
    of_source, of_target = rng.permutation(len(source)), rng.permutation(len(target))
    plain = fitted(name, source, labels, target)
    mixed = fitted(name, source[of_source], labels[of_source], target[of_target])
    both = np.concatenate([of_source, len(source) + of_target])
    np.testing.assert_allclose(geometry(mixed), geometry(plain)[np.ix_(both, both)], atol=1e-6)


@pytest.mark.parametrize("name", METHODS)
def test_the_names_of_the_classes_do_not_matter(name):
    source, labels, target, _ = blobs(2)
    renamed = np.array([2, 0, 1])
    plain, other = fitted(name, source, labels, target), fitted(name, source, renamed[labels], target)
    np.testing.assert_allclose(geometry(other), geometry(plain), atol=1e-6)
    for one, two in zip(plain.history, other.history, strict=True):
        if "labels" in one:
            np.testing.assert_array_equal(two["labels"], renamed[one["labels"]])


@pytest.mark.parametrize("name", METHODS)
def test_a_turn_of_the_feature_space_does_not_matter(name):
    source, labels, target, _ = blobs(3)
    turn = np.linalg.qr(np.random.default_rng(4).normal(size=(12, 12)))[0]
    plain, turned = fitted(name, source, labels, target), fitted(name, source @ turn, labels, target @ turn)
    np.testing.assert_allclose(geometry(turned), geometry(plain), atol=1e-6)


@pytest.mark.parametrize("name", ["tca", "jda", "tjm", "sca", "jgsa_linear", "jgsa_rbf", "ot_gl"])
def test_a_move_of_the_whole_feature_space_does_not_matter_to_a_centred_method(name):
    source, labels, target, _ = blobs(5)
    options = {"kernel": "rbf"} if name in ("tca", "jda", "tjm") else {}  # K, unlike K H, moves with the origin
    options = SMALL.get(name, {}) | options
    plain = shallow.fit(name, source, labels, target, **options)
    moved = shallow.fit(name, source + 3, labels, target + 3, **options)
    np.testing.assert_allclose(geometry(moved), geometry(plain), atol=1e-6)


@pytest.mark.parametrize("name", ["tca", "jda", "tjm", "jgsa_linear", "jgsa_primal", "sca"])
def test_a_shift_of_the_mean_that_defeats_the_raw_features_is_undone(name):
    source, labels, target, wanted = shifted_classes()
    options = {"dim": 1} if name in ("tca", "jda", "tjm") else SMALL.get(name, {}) | {"dim": 1}
    if name == "sca":
        options |= {"kernel": "linear", "delta": 1e6}
    assert accuracy(shallow.fit("raw", source, labels, target), labels, wanted) == 0.5
    assert accuracy(shallow.fit(name, source, labels, target, **options), labels, wanted) == 1.0


@pytest.mark.parametrize("name", METHODS)
def test_without_a_shift_nothing_is_lost(name):
    source, labels, target, wanted = shifted_classes(move=0.0)
    options = SMALL.get(name, {}) | ({"dim": 2} if "dim" in SMALL.get(name, {}) else {})
    assert accuracy(shallow.fit(name, source, labels, target, **options), labels, wanted) == 1.0


def test_the_callers_precision_is_left_alone():
    source, labels, target, _ = blobs()
    shallow.fit("tca", source, labels, target, dim=2).transform(target)
    assert jnp.ones(1).dtype == jnp.float32
    assert not jax.config.jax_enable_x64


def test_single_precision_and_lists_are_taken_too():
    source, labels, target, _ = blobs()
    plain = shallow.fit("tca", source, labels, target, dim=2)
    other = shallow.fit("tca", source.tolist(), labels.astype(np.int32), target.astype(np.float32), dim=2)
    np.testing.assert_allclose(geometry(other), geometry(plain), atol=1e-4)


def test_a_method_or_setting_that_does_not_exist_is_named():
    source, labels, target, _ = blobs()
    with pytest.raises(Misuse, match="unknown adaptation method 'jgsa_primel': did you mean 'jgsa_primal'"):
        shallow.fit("jgsa_primel", source, labels, target)
    with pytest.raises(Misuse, match=r"unknown setting of tca 'dims': did you mean 'dim'.*it takes: kernel, dim"):
        shallow.fit("tca", source, labels, target, dims=3)


def test_new_samples_are_checked():
    source, labels, target, _ = blobs()
    found = shallow.fit("raw", source, labels, target)
    with pytest.raises(Misuse, match="have 5 features, the projection was fitted on 12"):
        found.transform(np.zeros((2, 5)))
    with pytest.raises(Misuse, match="unknown domain 'targets': did you mean 'target'"):
        found.transform(target, "targets")
