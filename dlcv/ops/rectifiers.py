"""Rectified linear units whose backward rule is not their derivative: what a network's weights respond to, in the image."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


@jax.custom_vjp
def deconvolution_relu(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """max(x, 0) forward; backward max(gradient, 0), whatever x was.

    (Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014, section 2.1.)
    """
    return jnp.maximum(x, 0)


@jax.custom_vjp
def guided_relu(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """max(x, 0) forward; backward max(gradient, 0) where x > 0, else 0.

    (Springenberg, Dosovitskiy, Brox and Riedmiller, Striving for Simplicity: The All Convolutional Net, 2015, section 3.4.)
    """
    return jnp.maximum(x, 0)


deconvolution_relu.defvjp(lambda x: (jnp.maximum(x, 0), None), lambda _, gradient: (jnp.maximum(gradient, 0),))
guided_relu.defvjp(
    lambda x: (jnp.maximum(x, 0), x > 0), lambda open_, gradient: (jnp.where(open_, jnp.maximum(gradient, 0), 0),)
)
