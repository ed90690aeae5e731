"""Transformer layers: attention of many heads, encoder and decoder blocks, normalised before or after, and stacks of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import unknown
from dlcv.ops import masks
from dlcv.ops.attention import attention
from dlcv.ops.positions import rotary

ACTIVATIONS: Mapping[str, Callable[[jax.Array], jax.Array]] = {
    "relu": nn.relu,
    "gelu": lambda x: nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: nn.gelu(x, approximate=True),  # GPT-2's
    "silu": nn.silu,
}


@dataclass(frozen=True)
class Style:
    """What the blocks of a stack share.

    `norm`: "pre" (each layer reads a normalised copy and adds to its input) or "post" (the sum is normalised: Vaswani et al., 2017, and
    BERT). `gated` multiplies the MLP's activation by a second projection: Shazeer, "GLU Variants Improve Transformer", 2020. `rotary` turns
    queries and keys of self-attention by their positions. `stochastic_depth` is the last block's rate of being skipped, rising linearly
    from 0: Huang et al., "Deep Networks with Stochastic Depth", 2016. Kernels begin as Glorot's uniform ones or, with a `deviation`, normal
    around 0, those whose output is added to the stream with `residual_deviation`.
    Raises Misuse for an unknown activation or place of the norm.
    """

    heads: int
    hidden: int
    dropout: float = 0.0
    attention_dropout: float = 0.0
    stochastic_depth: float = 0.0
    norm: str = "pre"
    epsilon: float = 1e-6
    activation: str = "gelu"
    gated: bool = False
    rotary: bool = False
    deviation: float | None = None
    residual_deviation: float | None = None

    def __post_init__(self):
        if self.activation not in ACTIVATIONS:
            raise unknown("activation", self.activation, ACTIVATIONS)
        if self.norm not in ("pre", "post"):
            raise unknown("place of the norm", self.norm, ("pre", "post"))

    def kernels(self) -> tuple[Any, Any]:
        """How kernels begin, and how those do whose output is added to the stream."""
        if self.deviation is None:
            return (nn.initializers.xavier_uniform(),) * 2
        residual = self.deviation if self.residual_deviation is None else self.residual_deviation
        return nn.initializers.normal(self.deviation), nn.initializers.normal(residual)


class KeyValues(NamedTuple):
    """What queries attend to: keys and values of M positions."""

    k_BMHK: jax.Array
    v_BMHK: jax.Array

    def written(self, new: "KeyValues", at: jax.Array | int) -> "KeyValues":
        """A copy with `new` in the place of positions at, at + 1, ..."""

        def put(old, part):
            return jax.lax.dynamic_update_slice_in_dim(old, part.astype(old.dtype), at, axis=1)

        return KeyValues(put(self.k_BMHK, new.k_BMHK), put(self.v_BMHK, new.v_BMHK))


class Cache(NamedTuple):
    """What a block keeps between the steps of a generation: its own positions, and the memory once it was projected."""

    own: KeyValues
    memory: KeyValues | None = None


class Layer(NamedTuple):
    """What each block of a stack is handed for itself: the probability to act in training, and its cache."""

    keep: jax.Array | float = 1.0
    cache: Cache | None = None


class Shared(NamedTuple):
    """What all blocks of a stack are handed: masks True where to attend, a bias of the scores, the memory, the first position."""

    mask: jax.Array | None = None
    bias: jax.Array | None = None
    memory_BMD: jax.Array | None = None
    memory_mask: jax.Array | None = None
    at: jax.Array | int = 0


class Looked(NamedTuple):
    """What a block shows when asked: attention weights (B, H, L, M) to itself and to the memory, and the vectors (B, L, D) it hands on."""

    own: jax.Array | None = None
    memory: jax.Array | None = None
    hidden: jax.Array | None = None


def row_by_row(layer: Callable[[jax.Array], jax.Array], x_BLX: jax.Array) -> jax.Array:
    """A dense layer on B L rows. Where a kernel's gradient sums over two dimensions, XLA:CPU copies one side transposed first: forward and
    backward of a product of B 8, L 256, D 384 and F 1,536 take 101 ms so, and 56 ms over rows."""
    out_RX = layer(x_BLX.reshape(-1, *x_BLX.shape[2:]))
    return out_RX.reshape(*x_BLX.shape[:2], *out_RX.shape[1:])


class Attention(nn.Module):
    """Multi-head attention: (x_BLD, what it attends to) -> (out_BLD, weights_BHLM or None).

    `keys_values` makes of a sequence what others, or it itself, attend to. Kernels keep the heads as a dimension: query, key and value
    (D, H, K), out (H, K, D). Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2. Raises ValueError for a width that
    the heads do not divide.
    """

    width: int
    heads: int
    dropout: float = 0.0
    kernels: tuple[Any, Any] = (nn.initializers.xavier_uniform(),) * 2
    dtype: Any = jnp.float32

    def setup(self):
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not divisible by {self.heads} heads")
        shape, (inner, outer) = (self.heads, self.width // self.heads), self.kernels
        self.query, self.key, self.value = (
            nn.DenseGeneral(shape, dtype=self.dtype, kernel_init=inner) for _ in range(3)
        )
        self.out = nn.DenseGeneral(self.width, axis=(-2, -1), dtype=self.dtype, kernel_init=outer)

    def keys_values(self, x_BMD: jax.Array, positions_BM: jax.Array | None = None) -> KeyValues:
        """Projected keys, turned by their positions where given, and values."""
        k_BMHK, v_BMHK = row_by_row(self.key, x_BMD), row_by_row(self.value, x_BMD)
        return KeyValues(k_BMHK if positions_BM is None else rotary(k_BMHK, positions_BM), v_BMHK)

    def __call__(
        self, x_BLD: jax.Array, seen: KeyValues, mask: jax.Array | None = None, *, bias: jax.Array | None = None, causal: bool = False,
        positions_BL: jax.Array | None = None, train: bool = False, return_attention: bool = False,
    ):  # fmt: skip
        q_BLHK = row_by_row(self.query, x_BLD)
        if positions_BL is not None:
            q_BLHK = rotary(q_BLHK, positions_BL)
        key = self.make_rng("dropout") if train and self.dropout else None
        options = dict(mask=mask, bias=bias, causal=causal, dropout=self.dropout, key=key)
        out_BLHK, weights = attention(q_BLHK, *seen, return_weights=return_attention, **options)
        return row_by_row(self.out, out_BLHK), weights


class Mlp(nn.Module):
    """Two dense layers with an activation between, position by position: x_BLD -> out_BLD."""

    hidden: int
    dropout: float = 0.0
    activation: str = "gelu"
    gated: bool = False
    kernels: tuple[Any, Any] = (nn.initializers.xavier_uniform(),) * 2
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BLD: jax.Array, *, train: bool) -> jax.Array:
        inner, outer = (
            dict(dtype=self.dtype, kernel_init=kernel, bias_init=nn.initializers.normal(1e-6))
            for kernel in self.kernels
        )
        hidden_BLF = ACTIVATIONS[self.activation](row_by_row(nn.Dense(self.hidden, name="up", **inner), x_BLD))
        if self.gated:
            hidden_BLF = hidden_BLF * row_by_row(nn.Dense(self.hidden, name="gate", **inner), x_BLD)
        hidden_BLF = nn.Dropout(self.dropout)(hidden_BLF, deterministic=not train)
        return row_by_row(nn.Dense(x_BLD.shape[-1], name="down", **outer), hidden_BLF)


class Block(nn.Module):
    """Attention to itself, to a memory where there is one, and an MLP, each added to its input: x_BLD -> (x_BLD, (cache, Looked)).

    With a cache of M positions its own keys and values are written into it at `shared.at`; the memory is projected when it is given, and
    kept. `causal` forbids later positions; a block that is not causal and has a cache needs a mask that forbids the empty ones. A memory of
    fewer rows is read by as many consecutive rows of x together, such as the beams of a search: as queries of one row, so are its weights.
    Vaswani et al., 2017, figure 1; an encoder's block is one that does not cross: Dosovitskiy et al., 2021, equations 2 and 3.
    """

    width: int
    style: Style
    crosses: bool = False
    causal: bool = False
    train: bool = False
    return_attention: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, x_BLD: jax.Array, layer: Layer = Layer(), shared: Shared = Shared()):  # noqa: B008 (both are immutable)
        style = self.style
        options = dict(train=self.train, return_attention=self.return_attention)
        kernels = style.kernels()
        attend = dict(width=self.width, heads=style.heads, dropout=style.attention_dropout)
        attend |= dict(kernels=kernels, dtype=self.dtype)

        own = Attention(**attend, name="attention")
        norm = self.norm("norm_1")
        y_BLD = self.read(norm, x_BLD)
        places_BL = (shared.at + jnp.arange(x_BLD.shape[1]))[None] if style.rotary else None
        seen, mask, causal = own.keys_values(y_BLD, places_BL), shared.mask, self.causal
        if layer.cache is not None:
            seen = layer.cache.own.written(seen, shared.at)
            if causal:
                past = masks.causal(x_BLD.shape[1], seen.k_BMHK.shape[1], shared.at)
                mask, causal = past if mask is None else mask & past, False
        out_BLD, own_weights = own(
            y_BLD, seen, mask, bias=shared.bias, causal=causal, positions_BL=places_BL, **options
        )
        x_BLD = self.added(norm, x_BLD, out_BLD, layer.keep)

        memory = memory_weights = None
        if self.crosses:
            across, norm = Attention(**attend, name="memory_attention"), self.norm("norm_memory")
            memory = layer.cache.memory if shared.memory_BMD is None else across.keys_values(shared.memory_BMD)
            y_BLD = self.read(norm, x_BLD).reshape(len(memory.k_BMHK), -1, self.width)
            out_BLD, memory_weights = across(y_BLD, memory, shared.memory_mask, **options)
            x_BLD = self.added(norm, x_BLD, out_BLD.reshape(x_BLD.shape), layer.keep)

        norm = self.norm("norm_2")
        mlp = Mlp(style.hidden, style.dropout, style.activation, style.gated, kernels, dtype=self.dtype, name="mlp")
        x_BLD = self.added(norm, x_BLD, mlp(self.read(norm, x_BLD), train=self.train), layer.keep)
        cache = None if layer.cache is None else Cache(seen, memory)
        return x_BLD, (cache, Looked(own_weights, memory_weights, x_BLD if self.return_attention else None))

    def norm(self, name: str) -> nn.Module:
        return nn.LayerNorm(epsilon=self.style.epsilon, dtype=self.dtype, name=name)

    def read(self, norm: nn.Module, x_BLD: jax.Array) -> jax.Array:
        """What a layer reads."""
        return norm(x_BLD) if self.style.norm == "pre" else x_BLD

    def added(self, norm: nn.Module, x_BLD: jax.Array, out_BLD: jax.Array, keep: jax.Array | float) -> jax.Array:
        """A layer's output on its input, after dropout, and in training for some rows alone."""
        out_BLD = nn.Dropout(self.style.dropout)(out_BLD, deterministic=not self.train)
        if self.train and self.style.stochastic_depth:
            kept_B11 = jax.random.bernoulli(self.make_rng("dropout"), keep, (len(x_BLD), 1, 1))
            out_BLD = jnp.where(kept_B11, out_BLD / jnp.asarray(keep, out_BLD.dtype), 0)
        return x_BLD + out_BLD if self.style.norm == "pre" else norm(x_BLD + out_BLD)


class Stack(nn.Module):
    """`depth` blocks, normalised at the end where they normalise before: x_BLD -> (x_BLD, caches, attention).

    `caches` is a tuple by block, as `empty_caches` makes it, or None; `attention` is a Looked of weights (B, N, H, L, M)
    and vectors (B, N, L, D) of all blocks, or None.
    With `scan` the blocks are compiled once and their parameters stacked under "blocks"; caches then have the block as second
    dimension. With `remat` the backward pass computes each block again in place of keeping what it made.
    """

    depth: int
    width: int
    style: Style
    crosses: bool = False
    causal: bool = False
    scan: bool = False
    remat: bool = False
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(
        self, x_BLD: jax.Array, mask: jax.Array | None = None, *, train: bool, bias: jax.Array | None = None,
        memory: jax.Array | None = None, memory_mask: jax.Array | None = None, caches: Any = None, at: jax.Array | int = 0,
        return_attention: bool = False,
    ):  # fmt: skip
        kind = nn.remat(Block, prevent_cse=not self.scan) if self.remat else Block
        fields = (self.width, self.style, self.crosses, self.causal, train, return_attention, self.dtype)
        shared = Shared(mask, bias, memory, memory_mask, at)
        keep = 1 - jnp.linspace(0.0, self.style.stochastic_depth, self.depth)
        if self.scan:
            kind = nn.scan(
                kind, variable_axes={"params": 0}, split_rngs={"params": True, "dropout": True}, length=self.depth,
                in_axes=(Layer(0, 1), nn.broadcast), out_axes=(1, 1),
            )  # fmt: skip
            x_BLD, (caches, looked) = kind(*fields, name="blocks")(x_BLD, Layer(keep, caches), shared)
        else:
            made = []
            for index in range(self.depth):
                layer = Layer(keep[index], None if caches is None else caches[index])
                x_BLD, found = kind(*fields, name=f"block_{index}")(x_BLD, layer, shared)
                made.append(found)
            caches = None if caches is None else tuple(cache for cache, _ in made)
            looked = jax.tree.map(lambda *weights: jnp.stack(weights, 1), *(weights for _, weights in made))
        if self.style.norm == "pre":
            x_BLD = nn.LayerNorm(epsilon=self.style.epsilon, dtype=self.dtype, name="norm")(x_BLD)
        return x_BLD, caches, looked if return_attention else None


def empty_caches(stack: Stack, batch: int, length: int) -> Any:
    """Caches of `length` positions for every block of a stack, in its compute dtype; the memory is filled by the first call."""
    shape = (batch, length, stack.style.heads, stack.width // stack.style.heads)

    def blank(*places: int) -> KeyValues:
        return KeyValues(*(jnp.zeros((batch, *places, *shape[1:]), stack.dtype) for _ in range(2)))

    if stack.scan:
        return Cache(blank(stack.depth))
    return tuple(Cache(blank()) for _ in range(stack.depth))
