"""Inception score in any classifier's probabilities."""

import jax
import jax.numpy as jnp
import numpy as np


def inception_score(probabilities: np.ndarray) -> float:
    """exp E KL(p(y|x) || p(y)) of class probabilities [N, classes]; p(y) is their mean. Between 1 and the number of classes.

    With a classifier that is not Inception it is another number: name the classifier. It knows no real image and misses
    lost variety within a class. Salimans et al., "Improved Techniques for Training GANs", 2016 (they average over ten parts).
    """
    with jax.enable_x64(True):
        return float(_score(jnp.asarray(np.asarray(probabilities, np.float64))))


@jax.jit
def _score(p_NC):
    entropy_N = -jax.scipy.special.xlogy(p_NC, p_NC).sum(1)
    marginal_C = p_NC.mean(0)
    return jnp.exp(-jax.scipy.special.xlogy(marginal_C, marginal_C).sum() - entropy_N.mean())
