"""What a generator shows: samples of fixed codes, walks between two codes, points over the data."""

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Figure, Variables, View
from dlcv.errors import Misuse
from dlcv.models.activations import kept
from dlcv.ops.keys import named


def drawn(game, variables: Variables, latents) -> np.ndarray:
    """Examples of these codes outside of training, as pictures show them."""
    x, _ = game.draw(variables.params, variables.stats, latents, train=False)
    return np.asarray(game.space.shown(x))


def columns_of(game) -> int:
    """One column a class where classes are asked for."""
    return game.prior.parts.get("class", 8)


def samples_figure(game, view: View) -> Figure:
    """The same 64 codes (8 a class) at every evaluation."""
    columns = columns_of(game)
    latents = game.prior.draw(view.key, 8 * columns)
    title = "samples of fixed codes" + (", one class a column" if "class" in latents else "")
    return Figure("image_grid", {"images": drawn(game, view.variables, latents), "columns": columns, "title": title})


def interpolation_figure(game, view: View) -> Figure:
    """Eight walks between two noises along the great circle, along which Gaussian noise stays typical; all else is held."""
    width = game.prior.parts["noise"]
    ends = jax.random.normal(named(view.key, "ends"), (2, 8, 1, width))
    t = jnp.linspace(0, jnp.pi / 2, 10)[None, :, None]
    noise = (jnp.cos(t) * ends[0] + jnp.sin(t) * ends[1]).reshape(-1, width)
    held = {kind: jnp.repeat(value, 10, axis=0) for kind, value in game.prior.draw(view.key, 8).items()}
    images = drawn(game, view.variables, {**held, "noise": noise})
    return Figure("image_grid", {"images": images, "columns": 10, "title": "walks between two codes, left to right"})


def points_figure(game, view: View) -> Figure:
    """Samples over the examples of the split."""
    split = next(iter(view.outputs))
    rows = {"samples": [view.outputs[split]["samples"]]}
    return Figure("points", {"rows": rows, "data": view.examples[split]["point"]})


PLACES = {
    "centre": (0.5, 0.5),
    "above": (0.25, 0.5),
    "below": (0.75, 0.5),
    "corner": (0.1, 0.1),
}  # rows and columns, of 1


def attention_figure(game, view: View) -> Figure:
    """Where positions of eight samples look while they are drawn: a row a position, each with a map of its attention weights."""
    latents = game.prior.draw(view.key, 8)
    z = jnp.concatenate(list(latents.values()), axis=-1)
    params, stats = view.variables.params["generator"], view.variables.stats.get("generator", {})
    (weights_BHLM,) = kept(game.generator, params, stats, z, name="weights").values()
    side, keys = round(weights_BHLM.shape[2] ** 0.5), round(weights_BHLM.shape[3] ** 0.5)
    weights = np.asarray(weights_BHLM.mean(1)).reshape(-1, side, side, keys, keys)
    maps = {name: weights[:, int(row * side), int(column * side)] for name, (row, column) in PLACES.items()}
    enlarged = {name: np.repeat(np.repeat(x, side // keys, 1), side // keys, 2) for name, x in maps.items()}
    images = drawn(game, view.variables, latents)
    return Figure(
        "heatmaps", {"images": images, "maps": enlarged, "title": "where positions of the generator's map look"}
    )


def figures(game) -> Mapping:
    """The figures of images, or of points."""
    if game.space.field == "point":
        return {"samples": partial(points_figure, game)}
    return {"samples": partial(samples_figure, game), "interpolation": partial(interpolation_figure, game)}


def sampler(game):
    """What `dlcv.sample` calls: a grid of images (all of class `label` where classes are asked for), or points as an array."""

    def samples(variables: Variables, key, count: int, *, columns: int = columns_of(game), label: int | None = None):
        classes = game.prior.parts.get("class", 0)
        if label is not None and not 0 <= label < classes:
            raise Misuse(
                f"--option=label={label}: "
                + (f"classes are 0 to {classes - 1}" if classes else "no class can be asked for")
            )
        latents = game.prior.draw(key, count, None if label is None else jnp.full(count, label))
        made = drawn(game, variables, latents)
        if game.space.field == "point":
            return {"samples": {"points": made}}
        return {"samples": Figure("image_grid", {"images": made, "columns": columns})}

    return samples
