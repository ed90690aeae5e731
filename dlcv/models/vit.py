"""The Vision Transformer.

Dosovitskiy et al., "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2021.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from dlcv.errors import Misuse, unknown
from dlcv.models.layouts import BLOCKS
from dlcv.models.transformer import Stack, Style
from dlcv.ops.patches import images_to_patches


class VitSize(NamedTuple):
    patch: int
    width: int
    depth: int
    heads: int
    hidden: int  # of the MLP


SIZES = {
    "digits-tiny": VitSize(7, 64, 4, 4, 128),  # 28x28 digits, 98 % in 1,500 steps of 64 on a CPU; no paper
    "cifar-tiny": VitSize(4, 96, 4, 3, 192),  # 32x32 colour images on a CPU; no paper
    # Touvron et al., "Training data-efficient image transformers", 2021, table 1
    "Ti/16": VitSize(16, 192, 12, 3, 768),
    "S/16": VitSize(16, 384, 12, 6, 1536),  # likewise
    "B/16": VitSize(16, 768, 12, 12, 3072),  # Dosovitskiy et al., 2021, table 1
    "L/16": VitSize(16, 1024, 24, 16, 4096),  # likewise
}


class ViT(nn.Module):
    """Images to class scores: images_BYXC -> (logits_BC in float32, aux).

    aux: "features" (B, D), the normalised class token, float32; with `return_attention` also "attention"
    (B, depth, H, L, L), float32, whose position 0 is the class token and 1.. the patches, row by row.
    Raises Misuse where the patch does not divide the image.
    """

    size: VitSize
    classes: int
    dropout: float = 0.0
    dtype: Any = jnp.float32

    @nn.compact
    def __call__(self, images_BYXC: jax.Array, *, train: bool, return_attention: bool = False):
        patch, width, depth, heads, hidden = self.size
        try:
            patches_BNE = images_to_patches(jnp.asarray(images_BYXC, self.dtype), patch)
        except ValueError as error:
            raise Misuse(str(error)) from error
        embed = nn.Dense(width, dtype=self.dtype, kernel_init=nn.initializers.lecun_normal(), name="embed")
        x_BND = embed(patches_BNE)
        token_11D = self.param("class_token", nn.initializers.zeros, (1, 1, width)).astype(self.dtype)
        x_BLD = jnp.concatenate([jnp.broadcast_to(token_11D, (len(x_BND), 1, width)), x_BND], axis=1)
        positions_1LD = self.param("positions", nn.initializers.normal(0.02), (1, x_BLD.shape[1], width))
        x_BLD = nn.Dropout(self.dropout)(x_BLD + positions_1LD.astype(self.dtype), deterministic=not train)
        encoder = Stack(depth, width, Style(heads, hidden, self.dropout), dtype=self.dtype, name="encoder")
        x_BLD, _, looked = encoder(x_BLD, train=train, return_attention=return_attention)
        features_BD = x_BLD[:, 0].astype(jnp.float32)
        logits_BC = nn.Dense(self.classes, kernel_init=nn.initializers.zeros, name="head")(features_BD)
        aux = {"features": features_BD}
        return logits_BC, aux | {"attention": looked.own} if return_attention else aux


def vit(size: str, classes: int, **fields: Any) -> ViT:
    """The ViT of a row of `SIZES`; further fields as for `ViT`. Raises Misuse for an unknown row."""
    if size not in SIZES:
        raise unknown("ViT size", size, SIZES)
    return ViT(SIZES[size], classes, **fields)


# Sharding rules (regex over parameter paths, mesh axes by dimension) by the names that config.sharding takes.
LAYOUTS = {
    "fsdp": (
        *BLOCKS["fsdp"],
        (r"embed/kernel$", (None, "data")),
        (r"head/kernel$", ("data",)),
        (r"(positions|class_token)$", (None, None, "data")),
        (".*", ()),
    ),
    "tensor": (*BLOCKS["tensor"], (".*", ())),
}
