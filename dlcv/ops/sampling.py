"""Which token comes next: temperature, the k most likely, the nucleus, as functions of logits."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

Logits = Float[Array, "*B V"]


def tempered(logits: Logits, temperature: float) -> Logits:
    """Logits of p^(1/T), up to a constant; a temperature above 0."""
    return logits / temperature


def top_k(logits: Logits, k: int) -> Logits:
    """The k largest logits, the others -inf; all where k is 0 or not below V. Of equal ones at the edge, all stay.

    Fan, Lewis and Dauphin, "Hierarchical Neural Story Generation", 2018.
    """
    if not 0 < k < logits.shape[-1]:
        return logits
    edge = jax.lax.top_k(logits, k)[0][..., -1:]
    return jnp.where(logits >= edge, logits, -jnp.inf)


def top_p(logits: Logits, p: float) -> Logits:
    """The smallest set of the most likely tokens whose probability reaches p, the others -inf; never empty.

    Holtzman, Buys, Du, Forbes and Choi, "The Curious Case of Neural Text Degeneration", 2020.
    """
    if p >= 1:
        return logits
    order = jnp.argsort(-logits, axis=-1)
    probabilities = jax.nn.softmax(jnp.take_along_axis(logits, order, -1), -1)
    before = jnp.cumsum(probabilities, -1) - probabilities
    kept = jnp.take_along_axis((before < p).at[..., 0].set(True), jnp.argsort(order, axis=-1), -1)
    return jnp.where(kept, logits, -jnp.inf)


def draw(key: Key[Array, ""], logits: Logits, temperature: float = 1.0, k: int = 0, p: float = 1.0) -> Int[Array, "*B"]:
    """A token a row from what temperature, `top_k` and `top_p`, in this order, leave; temperature 0 takes the most likely."""
    if temperature == 0:
        return logits.argmax(-1).astype(jnp.int32)
    return jax.random.categorical(key, top_p(top_k(tempered(logits, temperature), k), p)).astype(jnp.int32)
