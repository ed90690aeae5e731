"""What closed-form adaptation refuses, in one line that says what to do."""

import numpy as np
import pytest
from shifts import blobs

from dlcv import shallow
from dlcv.errors import Misuse
from dlcv.shallow import checks, preprocess

SOURCE, LABELS, TARGET, _ = blobs()


def spoilt(row, column, value):
    x = SOURCE.copy()
    x[row, column] = value
    return x


@pytest.mark.parametrize(
    ("source", "labels", "target", "message"),
    [
        (spoilt(5, 2, np.nan), LABELS, TARGET, "source has 1 NaN or infinite values, the first at row 5, column 2"),
        (SOURCE, LABELS, np.full((4, 12), np.inf), "target has 48 NaN or infinite values"),
        (SOURCE, LABELS, TARGET[:, :7], "source has 12 features, target 7"),
        (SOURCE[0], LABELS, TARGET, r"source must be an array \[samples, features\], got the shape \(12,\)"),
        ([["a"]], LABELS, TARGET, "source must be an array of numbers"),
        (SOURCE, LABELS, TARGET[:1], "target has one sample"),
        (SOURCE, LABELS[:-1], TARGET, r"source_labels must have the shape \(24,\)"),
        (SOURCE, LABELS * 1.0, TARGET, "source_labels must be whole numbers"),
        (SOURCE, np.zeros_like(LABELS), TARGET, "source_labels hold one class only"),
        (SOURCE, LABELS + 1, TARGET, "source_labels start at 1: classes count from 0"),
        (SOURCE, LABELS * 2, TARGET, "source_labels lack class 1"),
    ],
)
def test_bad_domains_are_refused(source, labels, target, message):
    with pytest.raises(Misuse, match=message) as caught:
        shallow.fit("raw", source, labels, target)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["sa", "sda", "tca", "jda", "tjm", "sca", "jgsa_primal", "jgsa_linear", "jgsa_rbf"])
def test_more_directions_than_the_rank_are_refused(name):
    flat = np.random.default_rng(0).normal(size=(2, 12))  # every sample in a plane
    ranks = {"jgsa_rbf": 44, "sca": 44}
    with pytest.raises(Misuse, match=r"dim=\d+ is larger than the rank \d+ of .*: choose dim <= "):
        shallow.fit(name, SOURCE[:, :2] @ flat, LABELS, TARGET[:, :2] @ flat, dim=ranks.get(name, 4) + 1)


def test_the_rank_named_is_the_rank():
    flat = np.random.default_rng(0).normal(size=(3, 12))
    source, target = SOURCE[:, :3] @ flat, TARGET[:, :3] @ flat
    assert shallow.fit("tca", source, LABELS, target, dim=3).source.shape == (24, 3)
    with pytest.raises(Misuse, match="dim=4 is larger than the rank 3 of the centred samples: choose dim <= 3"):
        shallow.fit("tca", source, LABELS, target, dim=4)


def test_a_geodesic_needs_room():
    with pytest.raises(Misuse, match="dim=7 is larger than the rank 6 of half the features"):
        shallow.fit("gfk", SOURCE, LABELS, TARGET, dim=7)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("tca", {"dim": 0}, "dim=0: expected a whole number of at least 1"),
        ("tca", {"dim": 2.5}, "dim=2.5: expected a whole number"),
        ("tca", {"dim": None}, "dim=None: expected a number"),
        ("tca", {"dim": True}, "dim=True: expected a number"),
        ("tca", {"weight": "much"}, "weight='much': expected a number"),
        ("tca", {"kernel": 3}, "kernel=3: expected a name"),
        ("jda", {"iterations": 0}, "iterations=0"),
        ("tca", {"weight": -1.0}, "weight=-1.0: expected a finite number above 0"),
        ("tca", {"weight": float("nan")}, "weight=nan"),
        ("tca", {"kernel": "rbv"}, "unknown kernel 'rbv': did you mean 'rbf'"),
        ("tca", {"scale": "units"}, "unknown scale 'units': did you mean 'unit'"),
        ("ot_gl", {"entropy": 0.0}, "entropy=0.0: expected a finite number above 0"),
        ("jgsa_primal", {"mu": -1}, "mu=-1: expected a finite number of at least 0"),
        ("sca", {"beta": 2.0}, "beta=2.0: expected a number from 0 to 1"),
        ("sca", {"ridge": 0.0}, "ridge=0.0: expected a finite number above 0"),
        ("meda", {"balance": 1.5}, "balance=1.5: expected a number from 0 to 1"),
    ],
)
def test_settings_out_of_range_are_refused(name, settings, message):
    options = {"dim": 3} if name in ("tca", "jda", "meda") else {}
    with pytest.raises(Misuse, match=message):
        shallow.fit(name, SOURCE, LABELS, TARGET, **options | settings)


def test_labels_of_any_whole_type_are_taken():
    for kind in (np.uint8, np.int32, bool):
        assert checks.classes(np.array([0, 1, 1], kind), 3).tolist() == [0, 1, 1]


def test_counts_become_standardised_unit_rows():
    counts = np.random.default_rng(0).integers(0, 9, (30, 8)).astype(float)
    counts[:, 3] = 0  # a visual word that never occurs
    found = preprocess.surf(counts)
    shares = counts / counts.sum(1, keepdims=True)
    wanted = np.zeros_like(shares)
    for column in range(8):
        if column != 3:
            wanted[:, column] = (shares[:, column] - shares[:, column].mean()) / np.std(shares[:, column], ddof=1)
    wanted /= np.sqrt((wanted**2).sum(1, keepdims=True))
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    np.testing.assert_allclose((preprocess.unit_rows(counts) ** 2).sum(1), 1.0)


def test_an_empty_row_cannot_be_scaled():
    with pytest.raises(Misuse, match="row 1 is all zeros"):
        preprocess.unit_rows([[1.0, 2.0], [0.0, 0.0]])
    with pytest.raises(Misuse, match="row 0 is all zeros"):
        preprocess.surf([[0, 0], [1, 2], [3, 1]])
