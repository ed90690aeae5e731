"""Office+Caltech's feature files and the domains of digits: what is read, what is named when it is missing or damaged."""

import numpy as np
import pytest
from scipy.io import savemat

from dlcv import data
from dlcv.data import digit_domains, office_caltech
from dlcv.errors import Misuse

COUNTS = {  # images by class, as counted in the published files
    "amazon": [92, 82, 94, 99, 100, 100, 99, 100, 94, 98],
    "caltech10": [151, 110, 100, 138, 85, 128, 133, 94, 87, 97],
    "webcam": [29, 21, 31, 27, 27, 30, 43, 30, 27, 30],
    "dslr": [12, 21, 12, 13, 10, 24, 22, 12, 8, 23],
}


def write_decaf6(folder, vectors, labels, name="dslr"):
    file = folder / "office_caltech10" / "decaf6" / f"{name}_decaf.mat"
    file.parent.mkdir(parents=True, exist_ok=True)
    savemat(file, {"feas": vectors, "labels": labels[:, None].astype(np.uint8)})
    return file


def dslr():
    generator = np.random.default_rng(0)
    return generator.uniform(size=(157, 4096)), np.repeat(np.arange(1, 11), COUNTS["dslr"])


@pytest.mark.parametrize("domain", COUNTS)
def test_surf_is_read_whole_and_in_order(domain, data_dir):
    vectors, labels = office_caltech.read("surf", domain, str(data_dir))
    assert vectors.shape == (sum(COUNTS[domain]), 800) and vectors.dtype == np.float64
    np.testing.assert_array_equal(np.bincount(labels), COUNTS[domain])
    np.testing.assert_array_equal(vectors, np.rint(vectors))  # counts of visual words
    assert (np.diff(labels) >= 0).all()


def test_every_kind_of_features_describes_the_same_images(data_dir):
    for domain in ("webcam", "dslr"):
        labels = [office_caltech.read(kind, domain, str(data_dir))[1] for kind in office_caltech.FEATURES]
        np.testing.assert_array_equal(labels[0], labels[1])
        np.testing.assert_array_equal(labels[0], labels[2])


def test_a_written_file_is_read_back_as_a_data_set(tmp_path):
    vectors, labels = dslr()
    write_decaf6(tmp_path, vectors, labels)
    options = {"name": "office_caltech", "features": "decaf6", "domain": "dslr"}
    loaded, spec = data.load(options, str(tmp_path)), data.spec(options)
    assert loaded.info == spec.info and set(loaded.facts["sha256"]) == {"decaf6/dslr_decaf.mat"}
    parts = [loaded.train.arrays, loaded.splits["valid"].arrays]
    assert [len(part["label"]) for part in parts] == list(spec.info["examples"].values())
    rows = np.concatenate([part["features"] for part in parts])
    assert rows.dtype == np.float32 and rows.shape[1:] == spec.example["features"].shape
    assert {row.tobytes() for row in rows} == {row.tobytes() for row in vectors.astype(np.float32)}
    np.testing.assert_array_equal(office_caltech.read("decaf6", "dslr", str(tmp_path))[1], labels - 1)


def test_a_missing_file_is_named_with_its_place(tmp_path):
    with pytest.raises(Misuse, match=r"decaf6/amazon_decaf\.mat: put it into"):
        office_caltech.read("decaf6", "amazon", str(tmp_path))
    write_decaf6(tmp_path, *dslr())
    lacking = office_caltech.missing("decaf6", str(tmp_path))
    assert lacking == {
        name: f"office_caltech10/decaf6/{name.removesuffix('10')}_decaf.mat" for name in COUNTS if name != "dslr"
    }
    assert set(office_caltech.missing("surf", None)) == set(COUNTS)


def test_damaged_files_are_named(tmp_path):
    vectors, labels = dslr()
    broken = vectors.copy()
    broken[3, 7] = np.nan
    for bad, reason in (
        ((vectors[:-1], labels[:-1]), "expected vectors"),
        ((vectors, labels % 10), "labels 1 to 10"),
        ((broken, labels), "finite"),
    ):
        write_decaf6(tmp_path, *bad)
        with pytest.raises(Misuse, match=f"damaged data file .*{reason}"):
            office_caltech.read("decaf6", "dslr", str(tmp_path))
    write_decaf6(tmp_path, vectors, labels).write_bytes(b"no file of MATLAB's")
    with pytest.raises(Misuse, match="damaged data file"):
        office_caltech.read("decaf6", "dslr", str(tmp_path))
    surf = tmp_path / "office_caltech10" / "surf" / "dslr_SURF_L10.mat"
    surf.parent.mkdir()
    savemat(surf, {"fts": np.ones((157, 800)), "labels": labels[:, None]})
    with pytest.raises(Misuse, match="expected sha256"):
        office_caltech.read("surf", "dslr", str(tmp_path))


def test_unknown_features_and_domains_are_misuse():
    with pytest.raises(Misuse, match=r"data.features='sift': expected one of 'surf'"):
        data.spec({"name": "office_caltech", "features": "sift"})
    with pytest.raises(Misuse, match=r"data.domain='ebay'"):
        data.load({"name": "office_caltech", "domain": "ebay"}, None)


def test_no_digit_is_in_two_domains():
    shares = [digit_domains._share(place) for place in range(len(digit_domains.DOMAINS))]
    for _, labels in shares:
        np.testing.assert_array_equal(np.bincount(labels), [30] * 10)
    _, seen = digit_domains.scanned()["train"], set()
    rows = {scan.tobytes() for scans, _ in shares for scan in scans}
    assert len(rows) == 4 * 300
    for scans, _ in shares:
        assert not seen & {scan.tobytes() for scan in scans}
        seen |= {scan.tobytes() for scan in scans}


@pytest.mark.parametrize("domain", digit_domains.DOMAINS)
def test_domains_of_digits_are_a_data_set(domain):
    loaded, spec = (
        data.load({"name": "digit_domains", "domain": domain}, None),
        data.spec({"name": "digit_domains", "domain": domain}),
    )
    images = loaded.train.arrays["image"]
    assert images.shape[1:] == spec.example["image"].shape == (16, 16, 1) and images.dtype == np.uint8
    assert loaded.info == spec.info
    again, _ = digit_domains.read(domain)
    np.testing.assert_array_equal(again, digit_domains.read(domain)[0])


def test_domains_of_digits_differ_as_named():
    images = {name: digit_domains.read(name)[0].astype(float) for name in digit_domains.DOMAINS}
    ink = {name: (x > 128).mean() for name, x in images.items()}
    assert set(np.unique(images["bold"])) == {0, 255} and ink["bold"] > 1.3 * ink["clean"]
    assert images["photographs"].mean() > images["clean"].mean()  # the ground is no longer black
    columns = np.arange(16) - 7.5

    def lean(x):  # covariance of row and column of the ink
        weight = x[..., 0] / x.sum((1, 2, 3), keepdims=True)[..., 0]
        return (weight * columns[:, None] * columns).sum((1, 2)).mean()

    assert abs(lean(images["turned"]) - lean(images["clean"])) > 1.0
