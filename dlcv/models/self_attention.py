"""Self-attention between the positions of a convolutional map.

Zhang, Goodfellow, Metaxas and Odena, "Self-Attention Generative Adversarial Networks", 2019, section 3; Wang, Girshick, Gupta and He,
"Non-local Neural Networks", 2018.
"""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.models.layers import Conv
from dlcv.ops.attention import attention
from dlcv.ops.convolution import max_pool


class SelfAttention(nn.Module):
    """Maps [B, Y, X, C] to x + gamma o(x), o each position's mean of values by similarity; gamma begins at 0.

    Keys and values are maxima of 2x2 positions where the map divides, as in the authors' code; keys and queries are C/8 wide, values
    C/2, the dot products not scaled. The weights [B, 1, Y X, Y X / 4] are kept where intermediates are collected.
    """

    spectral: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x: jax.Array, *, train: bool) -> jax.Array:
        batch, rows, columns, width = x.shape

        def project(x, features, name):
            made = Conv(features, 1, dtype=self.dtype, spectral=self.spectral, name=name)(x, train=train)
            return made.reshape(batch, -1, 1, features)

        pooled = max_pool(x, 2) if not (rows % 2 or columns % 2) else x
        q_BLHK, k_BMHK = project(x, max(width // 8, 1), "query"), project(pooled, max(width // 8, 1), "key")
        v_BMHV = project(pooled, max(width // 2, 1), "value")
        collected = self.is_mutable_collection("intermediates")
        mixed_BLHV, weights = attention(q_BLHK, k_BMHK, v_BMHV, scale=1.0, return_weights=collected)
        if collected:
            self.sow("intermediates", "weights", weights)
        mixed = mixed_BLHV.reshape(batch, rows, columns, -1)
        gamma = self.param("gamma", nn.initializers.zeros, ()).astype(self.dtype)
        return x + gamma * Conv(width, 1, dtype=self.dtype, spectral=self.spectral, name="out")(mixed, train=train)
