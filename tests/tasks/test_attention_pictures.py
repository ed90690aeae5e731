"""What the text tasks show of their attention: parts cut to their tokens, a page, heads by layer, rollouts that sum to 1."""

import json
import re

import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import figures
from dlcv.ops.rollout import rollout
from dlcv.tasks.attention_pictures import part, pictures

SOURCE, TARGET = ["Zwei", "Hunde", "."], ["<s>", "two", "dogs", "."]
rng = np.random.default_rng(0)


def drawn_at_random(queries, keys):
    return rng.dirichlet(np.full(keys, 0.5), (2, 3, queries)).astype(np.float32)


def whole(queries, keys):
    """As a model gives them, with places of padding that no text has."""
    padded = np.zeros((2, 3, 6, 8), np.float32)
    padded[..., :queries, :keys] = drawn_at_random(queries, keys)
    return padded


ENCODER = part("encoder", whole(3, 3), SOURCE)
PARTS = [ENCODER, part("decoder", whole(4, 4), TARGET), part("cross", whole(4, 3), TARGET, SOURCE)]


def test_a_part_is_cut_to_its_tokens():
    assert [found["weights"].shape for found in PARTS] == [(2, 3, 3, 3), (2, 3, 4, 4), (2, 3, 4, 3)]
    assert PARTS[2]["rows"] == TARGET and PARTS[2]["columns"] == SOURCE and ENCODER["columns"] == SOURCE


def test_the_pictures_of_an_encoder_and_a_decoder():
    made = pictures("a translator", PARTS)
    content = json.loads(re.search(r'type="application/json">(.*?)</script>', made["attention.html"])[1])
    assert [found["name"] for found in content["parts"]] == ["encoder", "decoder", "cross"]
    encoder, decoder, cross = (pair["weights"] for pair in made["rollout"].arrays["pairs"])
    np.testing.assert_allclose(encoder, rollout(jnp.asarray(ENCODER["weights"]))[-1], rtol=1e-6)
    np.testing.assert_allclose(decoder.sum(-1) + cross.sum(-1), 1, rtol=1e-5)
    assert made["heads"].arrays["parts"] is PARTS


def test_a_model_of_one_stack_is_rolled_out_alone():
    (pair,) = pictures("a model", [ENCODER | {"name": "model"}])["rollout"].arrays["pairs"]
    np.testing.assert_allclose(pair["weights"], rollout(jnp.asarray(ENCODER["weights"]))[-1], rtol=1e-6)


def test_a_cross_without_its_stacks_is_refused():
    with pytest.raises(ValueError, match="given encoder, cross"):
        pictures("a translator", [PARTS[0], PARTS[2]])


def test_the_figures_draw_the_weights_they_are_given(tmp_path, monkeypatch):
    from matplotlib import pyplot

    kept = []
    monkeypatch.setattr(pyplot, "close", kept.append)
    made = pictures("a translator", PARTS)
    for name in ("heads", "rollout"):
        assert figures.draw(made[name].kind, tmp_path / f"{name}.png", **made[name].arrays).stat().st_size > 1000
    monkeypatch.undo()
    heads, shares = kept
    maps = [axis.images[0].get_array() for axis in heads.axes if axis.images]
    expected = [head for found in PARTS for layer in found["weights"] for head in layer]
    assert len(maps) == len(expected) and all((a == b).all() for a, b in zip(maps, expected, strict=True))
    panels = [axis.images[0] for axis in shares.axes if axis.images]
    for panel, pair in zip(panels, made["rollout"].arrays["pairs"], strict=True):
        np.testing.assert_array_equal(panel.get_array(), pair["weights"])
        assert panel.get_clim() == (0, pair["most"])
    pyplot.close("all")
