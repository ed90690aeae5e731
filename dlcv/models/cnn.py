"""Convolutional classifiers with batch norm and dropout."""

from collections.abc import Callable
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.models.activations import tap
from dlcv.models.layers import BatchNorm, Conv
from dlcv.ops.convolution import max_pool


class Stage(NamedTuple):
    """A convolution, batch norm and ReLU; then a 2x2 maximum, then a residual pair of the same width."""

    width: int
    kernel: int = 3
    stride: int = 1
    pool: bool = False
    residual: bool = False


class CnnSize(NamedTuple):
    stages: tuple[Stage, ...]
    hidden: int  # width of the dense layer before the logits, 0 for none
    pooled: bool  # features are the maximum over positions, else all positions
    standardised: bool = False  # each channel of each image at mean 0 and deviation 1 first: hues fall away


SIZES = {
    # LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998, with strides and batch norm
    "digits": CnnSize((Stage(24, 5, 2), Stage(48, 5, 2)), 64, False),
    "digits-pooled": CnnSize((Stage(24, 5, pool=True), Stage(32), Stage(48)), 0, True),  # positions stay to the last layer; no paper
    "cifar-small": CnnSize((Stage(32, 5, 2), Stage(64, pool=True), Stage(128, pool=True)), 128, False),  # for a CPU; no paper
    # Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016, of the input; the rest as "digits"
    "scenes": CnnSize((Stage(32, 5, 2), Stage(64, 5, 2)), 128, False, standardised=True),
    # He et al., "Deep Residual Learning", 2016, in the shallow form of D. Page, "How to Train Your ResNet", 2018
    "resnet9": CnnSize((Stage(64), Stage(128, pool=True, residual=True), Stage(256, pool=True), Stage(512, pool=True, residual=True)), 0, True),
}  # fmt: skip


class Cnn(nn.Module):
    """Images [B, Y, X, C] to (logits [B, classes] in float32, {"features": [B, D]}).

    Activations `stage_<index>` [B, Y, X, C] and `hidden` [B, D], after their rectifier and maximum, are named. `rectify` is the
    ReLU: one with another backward rule (dlcv.ops.rectifiers) shows what the same weights respond to.
    """

    size: CnnSize
    classes: int
    dropout: float = 0.0
    dtype: Any = jnp.float32
    rectify: Callable[[jax.Array], jax.Array] = nn.relu

    @nn.compact
    def __call__(self, images: jax.Array, *, train: bool):
        x = standardised(images) if self.size.standardised else images
        x = x.astype(self.dtype)
        for index, stage in enumerate(self.size.stages):
            x = self._layer(stage.width, stage.kernel, stage.stride, f"conv_{index}")(x, train)
            x = max_pool(x, 2) if stage.pool else x
            if stage.residual:
                inner = self._layer(stage.width, 3, 1, f"residual_{index}a")(x, train)
                x = x + self._layer(stage.width, 3, 1, f"residual_{index}b")(inner, train)
            x = tap(self, f"stage_{index}", x)
        x = x.max(axis=(1, 2)) if self.size.pooled else x.reshape(len(x), -1)
        if self.size.hidden:
            x = nn.Dense(self.size.hidden, use_bias=False, dtype=self.dtype, name="dense")(x)
            x = tap(self, "hidden", self.rectify(BatchNorm(dtype=self.dtype, name="norm")(x, train=train)))
        features = x
        x = nn.Dropout(self.dropout)(x, deterministic=not train)
        logits = nn.Dense(self.classes, dtype=self.dtype, name="head")(x).astype(jnp.float32)
        return logits, {"features": features}

    def _layer(self, width: int, kernel: int, stride: int, name: str):
        convolve = Conv(width, kernel, stride, dtype=self.dtype, name=name)
        normalise = BatchNorm(dtype=self.dtype, name=f"{name}_norm")
        return lambda x, train: self.rectify(normalise(convolve(x), train=train))


def standardised(images_BYXC: jax.Array) -> jax.Array:
    """Each channel of each image [B, Y, X, C] at mean 0 and standard deviation 1; a constant one at 0."""
    centred_BYXC = images_BYXC - images_BYXC.mean((1, 2), keepdims=True)
    return centred_BYXC * jax.lax.rsqrt((centred_BYXC**2).mean((1, 2), keepdims=True) + 1e-4)


def cnn(size: str, classes: int, **fields: Any) -> Cnn:
    """The Cnn of a row of `SIZES`; further fields as for `Cnn`. Raises Misuse for an unknown row."""
    if size not in SIZES:
        raise unknown("CNN size", size, SIZES)
    return Cnn(SIZES[size], classes, **fields)
