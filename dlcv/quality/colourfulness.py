"""How colourful pictures are."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def colourfulness(images: Float[Array, "B Y X 3"]) -> Float[Array, " B"]:
    """sigma_rgyb + 0.3 mu_rgyb of the opponent colours rg = R - G and yb = (R + G) / 2 - B, in units of the pixels; grey gives 0.

    (Hasler and Suesstrunk, "Measuring Colourfulness in Natural Images", 2003, equation 3 of the efficient metric.)
    """
    R, G, B = (images[..., channel].reshape(len(images), -1) for channel in range(3))
    rg, yb = R - G, (R + G) / 2 - B
    spread = jnp.sqrt(rg.var(1) + yb.var(1))
    mean = jnp.sqrt(rg.mean(1) ** 2 + yb.mean(1) ** 2)
    return spread + 0.3 * mean
