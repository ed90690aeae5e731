"""What a closed-form method gives back: both domains embedded, a map for new samples, and how it came about."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.errors import Misuse, unknown
from dlcv.shallow import checks

Values = np.ndarray | jax.Array  # numpy once `closed_form` hands it out


@dataclass(frozen=True)
class Projection:
    """Source and target samples in the space in which a classifier of the source serves the target.

    `transform(x, domain="target")` maps new samples [N, D] of either domain to [N, d]. `history` holds one dict an iteration:
    "labels", the target's labels [Nt] predicted after it, where it predicts any, and "objective", where the method states one.
    `labels` is the final prediction of a method that classifies by itself (MEDA), else None.
    """

    source: Values  # [Ns, d] float64
    target: Values  # [Nt, d] float64
    transform: Callable[..., Values]
    history: tuple[Mapping[str, Any], ...] = ()
    labels: Values | None = None


def closed_form(solve: Callable[..., Projection]) -> Callable[..., Projection]:
    """The public form of a solver: its inputs checked, its arithmetic in float64, its results in numpy.

    `solve` receives float64 arrays and labels 0..C-1; its transform takes (array, domain) without checks of its own.
    """

    defaults = {parameter.name: parameter.default for parameter in inspect.signature(solve).parameters.values()}

    @functools.wraps(solve)
    def fit(source, source_labels, target, **settings) -> Projection:
        source, source_labels, target = checks.domains(source, source_labels, target)
        checks.settings(settings, defaults)
        with jax.enable_x64(True):
            found = solve(jnp.asarray(source), jnp.asarray(source_labels), jnp.asarray(target), **settings)
            history = tuple({name: _plain(value) for name, value in entry.items()} for entry in found.history)
            labels = None if found.labels is None else np.asarray(found.labels)
            transform = _for_new_samples(found.transform, width=source.shape[1])
            return replace(
                found,
                source=np.asarray(found.source),
                target=np.asarray(found.target),
                transform=transform,
                history=history,
                labels=labels,
            )

    return fit


def _plain(value) -> np.ndarray | float:
    return np.asarray(value) if np.ndim(value) else float(value)


def _for_new_samples(embed: Callable, width: int) -> Callable[..., np.ndarray]:
    def transform(x, domain: str = "target") -> np.ndarray:
        """New samples [N, D] of `domain` ("source" or "target") as [N, d]; raises Misuse for another width or domain."""
        if domain not in ("source", "target"):
            raise unknown("domain", domain, ("source", "target"))
        x = checks.features(x, "the new samples")
        if x.shape[1] != width:
            raise Misuse(f"the new samples have {x.shape[1]} features, the projection was fitted on {width}")
        with jax.enable_x64(True):
            return np.asarray(embed(jnp.asarray(x), domain))

    return transform


def unit_length(z_Nd: jax.Array) -> jax.Array:
    """Embedded rows divided by their Euclidean norm; a row of zeros stays."""
    length_N1 = jnp.linalg.norm(z_Nd, axis=1, keepdims=True)
    return z_Nd / jnp.where(length_N1 > 0, length_N1, 1.0)
