"""Office+Caltech10 images: they are there in the order of the published features; what is missing or damaged is named."""

import numpy as np
import pytest

from dlcv import data
from dlcv.data import office_caltech, office_images
from dlcv.errors import Misuse


def test_spec_needs_no_file():
    spec = data.spec({"name": "office_images", "domain": "dslr", "size": 24})
    assert spec.example["image"].shape == (24, 24, 3) and spec.info["examples"] == {"train": 126, "valid": 31}
    assert spec.info["classes"][0] == "backpack" and list(spec.info["classes"]) == sorted(spec.info["classes"])
    with pytest.raises(Misuse, match=r"data.domain='dlsr'"):
        data.spec({"name": "office_images", "domain": "dlsr"})


def test_missing_and_damaged_files_are_named(tmp_path):
    options = {"name": "office_images", "domain": "webcam"}
    with pytest.raises(Misuse, match=r"lacks images/webcam.zip: put it into .*office_caltech10/"):
        data.load(options, str(tmp_path))
    (tmp_path / "office_caltech10" / "images").mkdir(parents=True)
    (tmp_path / "office_caltech10" / "images" / "webcam.zip").write_bytes(b"PK")
    with pytest.raises(Misuse, match=r"damaged data file .*webcam.zip"):
        data.load(options, str(tmp_path))


@pytest.mark.parametrize("domain", ["dslr", "webcam"])
def test_images_stand_in_the_order_of_the_features(domain, data_dir):
    images, labels = office_images.read(domain, 32, str(data_dir))
    assert images.shape == (office_caltech.DOMAINS[domain], 32, 32, 3) and images.dtype == np.uint8
    np.testing.assert_array_equal(labels, office_caltech.read("surf", domain, str(data_dir))[1])
    loaded = data.load({"name": "office_images", "domain": domain, "size": 32}, str(data_dir))
    both = np.concatenate([loaded.train.arrays["image"], loaded.splits["valid"].arrays["image"]])
    assert sorted(map(bytes, both)) == sorted(map(bytes, images)) and 60 < images.mean() < 220
    assert len(loaded.facts["sha256"][f"images/{domain}.zip"]) == 64
