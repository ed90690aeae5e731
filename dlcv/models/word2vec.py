"""Two tables of word vectors: of words as context, and of words as what is told from noise."""

import flax.linen as nn
import jax
import jax.numpy as jnp


class Word2Vec(nn.Module):
    """(context [B, C], told [B, N]) to (mean input vector of the contexts [B, D], output vectors [B, N, D]).

    Context 0 is padding. Input vectors begin uniform within 1 / (2 D), output vectors at 0, as in Mikolov's program.
    """

    size: int
    width: int

    @nn.compact
    def __call__(self, context_BC: jax.Array, told_BN: jax.Array, *, train: bool = False):
        del train

        def uniform(key, shape):
            return jax.random.uniform(key, shape, minval=-0.5 / self.width, maxval=0.5 / self.width)

        input_VD = self.param("input", uniform, (self.size, self.width))
        output_VD = self.param("output", nn.initializers.zeros, (self.size, self.width))
        there_BC1 = (context_BC != 0)[..., None]
        h_BD = (input_VD[context_BC] * there_BC1).sum(1) / jnp.maximum(there_BC1.sum(1), 1)
        return h_BD, output_VD[told_BN]
