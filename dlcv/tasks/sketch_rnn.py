"""Sketch-RNN: drawings point by point from a mixture density, given a code of a whole drawing or nothing.

Source: Ha and Eck, "A Neural Representation of Sketch Drawings", 2017.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.losses import mixture as density
from dlcv.losses.variational import gaussian_kl, reparameterised
from dlcv.models.net import Net
from dlcv.models.sketch_rnn import SketchDecoder, SketchEncoder, sketch_size
from dlcv.ops.interpolation import spherical
from dlcv.ops.keys import named
from dlcv.ops.strokes import START, shifted, stretched, thinned, with_pen
from dlcv.pages.drawings import svg
from dlcv.tasks.latent import SUBTREES

TEMPERATURES = (0.1, 0.4, 0.7, 1.0)


@dataclass(frozen=True)
class SketchRnn:
    """Encoder and decoder of drawings of at most `longest` points; without codes there is a decoder alone."""

    encoder: Net
    decoder: Net
    codes: int
    longest: int

    def posterior(self, params, points, lengths):
        """(mean, log variance) [B, Z] of q(z | drawing)."""
        return jnp.split(self.encoder(params["encoder"], {}, points, lengths)[0], 2, axis=-1)

    def code(self, params, points, lengths, key):
        """(a draw of the posterior [B, Z], its KL in nats [B]); of width and cost 0 without codes."""
        if not self.codes:
            return jnp.zeros((len(points), 0)), jnp.zeros(len(points))
        mean, log_variance = self.posterior(params, points, lengths)
        z = reparameterised(mean, log_variance, jax.random.normal(named(key, "posterior"), mean.shape))
        return z, gaussian_kl(mean, log_variance)

    def reconstruction(self, params, points, z):
        """Nats a point [B, T + 1]: of the offset where there is a point, and of the pen everywhere (equation 9 of the paper)."""
        (numbers, _), _ = self.decoder(params["decoder"], {}, z, shifted(points))
        found = density.mixture(numbers)
        drawn = 1 - points[..., 4]
        offset = jnp.where(drawn > 0, density.log_density(found, points[..., :2] * drawn[..., None]), 0)
        return -(offset + density.log_pen_probability(found, points[..., 2:]))

    def draw(self, params, z, key, temperature):
        """Points [B, longest, 5] from codes; after the end all points say that the drawing has ended."""

        def one(state, key):
            carry, before = state
            (numbers, carry), _ = self.decoder(params["decoder"], {}, z, before[:, None], carry)
            point = density.draw(key, density.mixture(numbers[:, 0]), temperature)
            ended = (before[:, 4:] > 0) | (point[:, 4:] > 0)
            point = jnp.where(ended, jnp.array([0.0, 0.0, 0.0, 0.0, 1.0]), point)
            return (carry, point), point

        start = jnp.broadcast_to(jnp.array(START), (len(z), 5))
        keys = jax.random.split(key, self.longest)
        first, point = one((None, start), keys[0])
        _, rest = jax.lax.scan(one, first, keys[1:])
        return jnp.concatenate([point[:, None], rest.swapaxes(0, 1)], 1)


def make(
    setup: Setup, size: str = "small", codes: int = 0, kl_weight: float = 0.5, kl_start: float = 0.01, kl_rate: float = 0.99995,
    kl_floor: float = 0.2, stretch: float = 0.15, thin: float = 0.0,
) -> Task:  # fmt: skip
    """One player, `model`: nats a point (its mean over the longest length) + weight x the KL a code, annealed and with a floor.

    The KL's weight is kl_weight (1 - (1 - kl_start) kl_rate^step), and below `kl_floor` nats a code it costs no less. In training `stretch`
    widens drawings and `thin` is the share of points inside lines that they lose. `codes` = 0 trains the decoder alone, for unconditional
    generation. Evaluation draws one posterior sample.
    """
    row, longest = sketch_size(size), setup.batch_spec["strokes"].shape[1]
    model = SketchRnn(
        Net(SketchEncoder(row, 2 * codes, dtype=setup.dtype)), Net(SketchDecoder(row, dtype=setup.dtype)), codes, longest
    )  # fmt: skip
    subtrees = SUBTREES if codes else ("decoder",)

    def init(key, spec) -> Variables:
        points, lengths = jnp.zeros((1, 2, 5)), jnp.ones((1,), jnp.int32)
        shown = {"encoder": (model.encoder, points, lengths), "decoder": (model.decoder, jnp.zeros((1, codes)), points)}
        return Variables(
            {name: shown[name][0].init(named(key, name), *shown[name][1:], train=False)[0] for name in subtrees}
        )

    def terms(params, points, lengths, key):
        z, kl = model.code(params, points, lengths, key)
        return model.reconstruction(params, points, z).mean(-1), kl / max(codes, 1)

    def loss(params, stats, carry, batch, key, step):
        strokes, lengths = batch["strokes"], batch["length"]
        if thin:
            strokes, lengths = thinned(named(key, "thin"), strokes, lengths, thin)
        points = stretched(named(key, "stretch"), with_pen(strokes, lengths), stretch)
        nats, kl = terms(params, points, lengths, key)
        weight = kl_weight * (1 - (1 - kl_start) * kl_rate**step) if codes else 0.0
        total = nats.mean() + weight * jnp.maximum(kl.mean(), kl_floor)
        return Loss(total, len(nats)), Aux(metrics={"reconstruction": nats.mean(), "kl": kl.mean()})

    def predict(variables: Variables, batch, key):
        points = with_pen(batch["strokes"], batch["length"])
        nats, kl = terms(variables.params, points, batch["length"], key)
        return {"reconstruction": nats, "kl": kl}

    metrics = {name: Metric(lambda outputs, batch, name=name: outputs[name]) for name in ("reconstruction", "kl")}
    figures = {"drawn": partial(drawn_figure, model)}
    if codes:
        figures |= {"reconstructed": partial(reconstructed_figure, model), "interpolation": partial(walk_figure, model)}
    return Task(
        init, (Player("model", subtrees, loss, setup.optimizer("model")),), setup.batch_spec, predict, metrics, figures=figures,
        sample=partial(sample_drawings, model), makers={"reconstructions": partial(redrawn, model)} if codes else {},
    )  # fmt: skip


_draw = jax.jit(
    SketchRnn.draw, static_argnums=0
)  # (model, params, z, key, temperature): compiled once a number of drawings
_posterior = jax.jit(SketchRnn.posterior, static_argnums=0)


def _prior(model: SketchRnn, key, count: int):
    return jax.random.normal(named(key, "prior"), (count, model.codes))


def drawings_figure(rows, title: str) -> Figure:
    """Rows of drawings {name: points [N, T, 5]}, drawn as lines."""
    return Figure("drawings", {"rows": {name: np.asarray(points) for name, points in rows.items()}, "title": title})


def drawn_figure(model: SketchRnn, view: View, count: int = 10) -> Figure:
    """Drawings from codes of the prior, or from nothing, a row a temperature, the same codes in each."""
    codes, key = _prior(model, view.key, count), named(view.key, "draw")
    rows = {f"temperature {t}": _draw(model, view.variables.params, codes, key, t) for t in TEMPERATURES}
    return drawings_figure(rows, "drawn from codes of the prior" if model.codes else "drawn from nothing")


def held_out(view: View, count: int):
    """(points, lengths) of the first examples of the first split."""
    examples = next(iter(view.examples.values()))
    lengths = jnp.asarray(examples["length"][:count])
    return jax.jit(with_pen)(jnp.asarray(examples["strokes"][:count]), lengths), lengths


def reconstructed_figure(model: SketchRnn, view: View, count: int = 10) -> Figure:
    """Held-out drawings, and what is drawn from their codes' means at two temperatures."""
    points, lengths = held_out(view, count)
    mean, _ = _posterior(model, view.variables.params, points, lengths)
    key = named(view.key, "draw")
    rows = {f"temperature {t}": _draw(model, view.variables.params, mean, key, t) for t in (0.1, 0.5)}
    return drawings_figure({"held out": points, **rows}, "drawn from the codes of held-out drawings")


def walk_figure(model: SketchRnn, view: View, walks: int = 4, steps: int = 10) -> Figure:
    """Walks along the great circle between the codes of two held-out drawings, at temperature 0.1."""
    points, lengths = held_out(view, 2 * walks)
    mean, _ = _posterior(model, view.variables.params, points, lengths)
    walked = jax.jit(spherical, static_argnums=2)(mean[:walks], mean[walks : 2 * walks], steps)
    rows = [_draw(model, view.variables.params, codes, named(view.key, "draw"), 0.1) for codes in walked]
    return drawings_figure(
        {f"walk {number}": row for number, row in enumerate(rows, 1)}, "between two held-out drawings"
    )


def _checked(temperature: float) -> float:
    if not temperature > 0:
        raise Misuse(f"temperature={temperature}: expected a number above 0, such as 0.4")
    return temperature


def sample_drawings(model: SketchRnn, variables: Variables, key, count: int, *, temperature: float = 0.4):
    """`count` drawings from codes of the prior, or from nothing: a picture, and lines of SVG. Raises Misuse for a temperature not above 0."""
    z = _prior(model, key, count)
    points = np.asarray(_draw(model, variables.params, z, named(key, "draw"), _checked(temperature)))
    rows = {f"{first + 1} on": points[first : first + 8] for first in range(0, count, 8)}
    return {"drawings": drawings_figure(rows, f"temperature {temperature}"), "drawings.svg": svg(points)}


def redrawn(model: SketchRnn, view: View, count: int = 10, temperature: float = 0.1):
    """Held-out drawings, what is drawn from their codes, and walks between them; Misuse as `sample_drawings`."""
    points, lengths = held_out(view, count)
    mean, _ = _posterior(model, view.variables.params, points, lengths)
    drawn = np.asarray(_draw(model, view.variables.params, mean, named(view.key, "draw"), _checked(temperature)))
    return {
        "reconstructions": drawings_figure({"given": points, "drawn": drawn}, f"temperature {temperature}"),
        "reconstructions.svg": svg(np.concatenate([np.asarray(points)[:, : drawn.shape[1]], drawn]), columns=len(drawn)),
        "interpolation": walk_figure(model, view, walks=min(4, len(drawn) // 2)),
    }  # fmt: skip
