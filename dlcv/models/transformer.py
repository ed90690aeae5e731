"""The Transformer encoder, normalised before each layer."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.ops.attention import attention


class SelfAttention(nn.Module):
    """Multi-head attention of a sequence to itself: x_BLD -> (out_BLD, weights_BHLL or None).

    Kernels keep the heads as a dimension: query, key and value (D, H, K), out (H, K, D).
    Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2.
    """

    heads: int
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BLD: jax.Array, mask: jax.Array | None = None, *, return_attention: bool = False):
        width = x_BLD.shape[-1]
        if width % self.heads:
            raise ValueError(f"width {width} is not divisible by {self.heads} heads")
        shape = (self.heads, width // self.heads)
        q_BLHK, k_BLHK, v_BLHK = (
            nn.DenseGeneral(shape, dtype=self.dtype, kernel_init=nn.initializers.xavier_uniform(), name=name)(x_BLD)
            for name in ("query", "key", "value")
        )
        out_BLHK, weights_BHLL = attention(q_BLHK, k_BLHK, v_BLHK, mask=mask, return_weights=return_attention)
        kernel_init = nn.initializers.xavier_uniform()
        out = nn.DenseGeneral(width, axis=(-2, -1), dtype=self.dtype, kernel_init=kernel_init, name="out")
        return out(out_BLHK), weights_BHLL


class Mlp(nn.Module):
    """Two dense layers with a GELU between, position by position: x_BLD -> out_BLD."""

    hidden: int
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BLD: jax.Array, *, train: bool) -> jax.Array:
        kernel_init, bias_init = nn.initializers.xavier_uniform(), nn.initializers.normal(1e-6)
        dense = dict(dtype=self.dtype, kernel_init=kernel_init, bias_init=bias_init)
        hidden_BLF = nn.gelu(nn.Dense(self.hidden, name="up", **dense)(x_BLD), approximate=False)
        hidden_BLF = nn.Dropout(self.dropout)(hidden_BLF, deterministic=not train)
        return nn.Dense(x_BLD.shape[-1], name="down", **dense)(hidden_BLF)


class EncoderBlock(nn.Module):
    """Attention, then an MLP, each normalised before and added to its input: x_BLD -> (x_BLD, weights_BHLL or None).

    Dropout follows attention and both dense layers. Dosovitskiy et al., 2021, equations 2 and 3.
    """

    heads: int
    hidden: int
    dropout: float = 0.0
    norm_epsilon: float = 1e-6
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BLD: jax.Array, mask: jax.Array | None = None, *, train: bool, return_attention: bool = False):
        normalise = [
            nn.LayerNorm(epsilon=self.norm_epsilon, dtype=self.dtype, name=name) for name in ("norm_1", "norm_2")
        ]
        drop = nn.Dropout(self.dropout, deterministic=not train)
        attend = SelfAttention(self.heads, dtype=self.dtype, name="attention")
        out_BLD, weights_BHLL = attend(normalise[0](x_BLD), mask, return_attention=return_attention)
        x_BLD = x_BLD + drop(out_BLD)
        mlp = Mlp(self.hidden, self.dropout, dtype=self.dtype, name="mlp")
        return x_BLD + drop(mlp(normalise[1](x_BLD), train=train)), weights_BHLL


class Encoder(nn.Module):
    """A stack of blocks and a last normalisation: x_BLD -> (x_BLD, attention_BNHLL of the N blocks, or None).

    `mask`, bool, broadcasts to (B, H, L, L); True may attend.
    """

    depth: int
    heads: int
    hidden: int
    dropout: float = 0.0
    norm_epsilon: float = 1e-6
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BLD: jax.Array, mask: jax.Array | None = None, *, train: bool, return_attention: bool = False):
        weights = []
        for index in range(self.depth):
            block = EncoderBlock(
                self.heads, self.hidden, self.dropout, self.norm_epsilon, dtype=self.dtype, name=f"block_{index}"
            )
            x_BLD, weights_BHLL = block(x_BLD, mask, train=train, return_attention=return_attention)
            weights.append(weights_BHLL)
        x_BLD = nn.LayerNorm(epsilon=self.norm_epsilon, dtype=self.dtype, name="norm")(x_BLD)
        return x_BLD, jnp.stack(weights, axis=1) if return_attention else None
