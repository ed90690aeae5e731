"""Convolution along time that looks back only, with gaps."""

import jax.numpy as jnp
from jaxtyping import Array, Float


def causal_convolution(
    x_BTD: Float[Array, "B T D"], kernel_KDH: Float[Array, "K D H"], dilation: int = 1
) -> Float[Array, "B T H"]:
    """out_t = sum_k x_{t - (K - 1 - k) dilation} W_k, with zeros before the beginning; the last tap sees the present.

    One product of the taps side by side: a convolution's weight gradient is slow in XLA:CPU.
    van den Oord et al., "WaveNet: A Generative Model for Raw Audio", 2016.
    """
    taps, inputs, outputs = kernel_KDH.shape
    steps, reach = x_BTD.shape[1], (taps - 1) * dilation
    padded = jnp.pad(x_BTD, ((0, 0), (reach, 0), (0, 0)))
    shifted = [padded[:, tap * dilation : tap * dilation + steps] for tap in range(taps)]
    return jnp.concatenate(shifted, -1) @ kernel_KDH.reshape(taps * inputs, outputs)


def receptive_field(taps: int, dilations: tuple[int, ...]) -> int:
    """How many steps, the present one among them, a stack of causal convolutions sees."""
    return 1 + (taps - 1) * sum(dilations)
