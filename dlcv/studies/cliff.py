"""Descent on a recurrent unit's cliff: without clipping, clipped by the norm, and by a lecture's rule.

Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", 2013, figure 6.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.ops.clipping import clip_by_global_norm, clip_by_squared_norm

START, RATE, THRESHOLD = (5.0, -2.0), 1.0, 0.1
RULES: dict[str, Callable] = {
    "no clipping": lambda gradient, threshold: gradient,
    "clipped to the norm 0.1": clip_by_global_norm,
    "the lecture's rule": clip_by_squared_norm,
}


def loss(parameters: jax.Array, steps: int = 50, start: float = 0.5, target: float = 0.7) -> jax.Array:
    """(sigmoid(h_50) - 0.7)^2 of a single unit without input, h_t = w sigmoid(h_{t-1}) + b from h_0 = 0.5."""
    w, b = parameters
    h, _ = jax.lax.scan(lambda h, _: (w * jax.nn.sigmoid(h) + b, None), jnp.asarray(start), length=steps)
    return (jax.nn.sigmoid(h) - target) ** 2


def descents(updates: int) -> dict[str, np.ndarray]:
    """The parameters (w, b) before and after each update of plain gradient descent, by rule: [updates + 1, 2]."""

    def path(clip: Callable) -> np.ndarray:
        def update(parameters, _):
            after = parameters - RATE * clip(jax.grad(loss)(parameters), THRESHOLD)
            return after, after

        first = jnp.asarray(START)
        _, after = jax.jit(lambda: jax.lax.scan(update, first, length=updates))()
        return np.concatenate([first[None], after])

    return {label: path(clip) for label, clip in RULES.items()}


def longest_step(path: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).max())


def surface(points: int = 160) -> dict[str, np.ndarray]:
    """The loss on a grid around the cliff: {"w" [W], "b" [B], "losses" [B, W]}."""
    w, b = np.linspace(3.0, 7.0, points), np.linspace(-3.5, 3.0, points)
    grid = jnp.asarray(np.stack(np.meshgrid(w, b), -1).reshape(-1, 2), jnp.float32)
    return {"w": w, "b": b, "losses": np.asarray(jax.jit(jax.vmap(loss))(grid)).reshape(points, points)}
