"""Figures: every kind draws what it is given into a file, and says what it says."""

import json

import numpy as np
import pytest

from dlcv import figures
from dlcv.errors import Misuse
from dlcv.figures.confusion import draw as draw_confusion
from dlcv.figures.curves import panels, read
from dlcv.figures.image_grid import tile

rng = np.random.default_rng(0)
LABELS = rng.integers(0, 10, 40)
DOMAINS = {
    "features": {d: rng.normal(size=(40, 12)) for d in ("source", "target")},
    "labels": dict.fromkeys(("source", "target"), LABELS),
}
KINDS = {
    "image_grid": dict(images=rng.uniform(size=(10, 8, 8, 1)), columns=4, title="samples"),
    "predictions": dict(images=rng.uniform(size=(12, 8, 8, 3)), labels=LABELS[:12], predicted=LABELS[:12], title="valid"),
    "confusion": dict(labels=LABELS, predicted=np.roll(LABELS, 3), classes=tuple("0123456789")),
    "projection": DOMAINS,
    "projections": dict(arms={"source only": DOMAINS, "DANN": DOMAINS}, method="pca"),
    "arms": dict(values={"a": {"source": [97, 98], "target": [20, 30]}, "b": {"source": [96, 97], "target": [60, 50]}}, quantity="accuracy, %"),
    "attention_maps": dict(images=rng.uniform(size=(2, 8, 8, 1)), attention=rng.uniform(size=(2, 3, 4, 17, 17))),
    "surprise": dict(characters=list("def f():\n\treturn $x_1^2$ "), nats=rng.uniform(0, 5, 25)),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_draws_a_picture_file(kind, tmp_path):
    from PIL import Image

    path = figures.draw(kind, tmp_path / "deep" / f"{kind}.png", seed=3, **KINDS[kind])
    pixels = np.asarray(Image.open(path).convert("L"))
    assert min(pixels.shape) > 50 and pixels.std() > 5


def test_unknown_kind_is_misuse(tmp_path):
    with pytest.raises(Misuse, match="did you mean 'confusion'"):
        figures.draw("confusoin", tmp_path / "x.png")


def test_tile_puts_images_in_reading_order():
    images = np.arange(6.0)[:, None, None, None] / 10 * np.ones((6, 2, 2, 1))
    sheet = tile(images, columns=3, gap=0)
    np.testing.assert_allclose(sheet[::2, ::2, 0], [[0.0, 0.1, 0.2], [0.3, 0.4, 0.5]])


def test_confusion_counts_true_rows_and_predicted_columns():
    figure = draw_confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), ("a", "b"))
    texts = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert texts == {(0, 0): "1", (1, 0): "1", (1, 1): "1"} and "66.67%" in figure.axes[0].get_title()


def test_real_and_fake_share_a_panel_and_so_do_a_score_and_its_floor():
    names = (
        "game/loss",
        "game/real",
        "game/fake",
        "real",
        "frechet",
        "frechet_std",
        "frechet_floor",
        "diversity_real",
        "x/gradient_norm",
    )
    assert panels(names) == {
        "game/loss": {"game/loss": ""},
        "game/real, game/fake": {"game/real": "real", "game/fake": "fake"},
        "real": {"real": ""},
        "frechet": {"frechet": "", "frechet_floor": "real against real"},
        "diversity_real": {"diversity_real": ""},
    }
    assert panels(["x/gradient_norm"]) == {"x/gradient_norm": {"x/gradient_norm": ""}}


def test_curves_and_pictures_over_time_read_what_a_run_writes(tmp_path):
    lines = [
        {"step": s, "split": split, "seed": seed, "accuracy": s / 10 + seed}
        for s in (1, 2)
        for split in ("train", "valid")
        for seed in (0, 1)
    ]
    (tmp_path / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert read(tmp_path / "metrics.jsonl")["accuracy"]["valid"][2] == [0.2, 1.2]
    assert figures.draw("curves", tmp_path / "curves.png", metrics=tmp_path / "metrics.jsonl").exists()
    for step in (10, 20):
        figures.draw("image_grid", tmp_path / str(step) / "samples.png", **KINDS["image_grid"])
    assert figures.draw("over_time", tmp_path / "all.png", folder=tmp_path, name="samples").exists()
