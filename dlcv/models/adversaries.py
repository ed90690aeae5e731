"""Pairs of generator and discriminator by name."""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax.numpy as jnp

from dlcv.errors import Misuse, unknown
from dlcv.models import dcgan, infogan, mlp


class Adversaries(NamedTuple):
    generator: nn.Module  # codes [B, Z] -> examples
    discriminator: nn.Module  # examples -> (scores [B], {"features": [B, D], ...})


class Form(NamedTuple):
    """What every pair is made from: the shape of an example without the batch, and the discriminator's normalisation."""

    shape: tuple[int, ...]
    width: int
    norm: str = "batch"
    spectral: bool = False
    dtype: Any = jnp.float32


def convolutional(
    form: Form, generator: Callable[..., nn.Module] = dcgan.Generator, discriminator: Callable[..., nn.Module] = dcgan.Discriminator,
    attention: bool = False,
) -> Adversaries:  # fmt: skip
    """DCGAN's pair for images [Y, X, C]. Raises Misuse for an unknown norm and for other shapes."""
    if form.norm not in dcgan.NORMS:
        raise unknown("norm of a discriminator", form.norm, dcgan.NORMS)
    if len(form.shape) != 3:
        raise Misuse(
            f"a convolutional architecture needs images, got examples {list(form.shape)}: use architecture='mlp'"
        )
    size, _, channels = form.shape
    fields = dict(width=form.width, spectral=form.spectral, dtype=form.dtype, attention=attention)
    drawing = fields | ({} if attention else {"spectral": False})  # SAGAN's generator is under the spectral norm too
    return Adversaries(generator(channels, size, **drawing), discriminator(norm=form.norm, **fields))


def autoencoder(form: Form) -> Adversaries:
    """DCGAN's generator against a discriminator that is an autoencoder."""
    return convolutional(form, discriminator=dcgan.AutoencoderDiscriminator)


def densely_connected(form: Form) -> Adversaries:
    """DCGAN's pair with a dense layer on either side of the convolutions (InfoGAN)."""
    return convolutional(form, infogan.Generator, infogan.Discriminator)


def attentive(form: Form) -> Adversaries:
    """DCGAN's pair in which the positions of a map see each other (SAGAN)."""
    return convolutional(form, attention=True)


def dense(form: Form) -> Adversaries:
    """Three dense layers a side, without normalisation, for points [D]. Raises Misuse for other shapes."""
    if len(form.shape) != 1:
        raise Misuse(f"architecture 'mlp' needs points, got examples {list(form.shape)}: use architecture='dcgan'")
    widths = (form.width,) * 3
    return Adversaries(
        mlp.Generator(form.shape[0], widths, form.dtype), mlp.Discriminator(widths, form.spectral, form.dtype)
    )


ARCHITECTURES = {
    "dcgan": convolutional,
    "autoencoder": autoencoder,
    "sagan": attentive,
    "infogan": densely_connected,
    "mlp": dense,
}


def adversaries(architecture: str, form: Form) -> Adversaries:
    """The pair of a name. Raises Misuse for an unknown one, and for examples of a shape it cannot make."""
    if architecture not in ARCHITECTURES:
        raise unknown("architecture", architecture, ARCHITECTURES)
    return ARCHITECTURES[architecture](form)
