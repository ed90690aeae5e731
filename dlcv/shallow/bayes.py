"""Generative classifiers in closed form: Gaussians p(x | y) with Bayes' rule, which can be drawn from too."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


class NaiveBayes(NamedTuple):
    """Features independent given the class, their variances shared by all classes: a linear classifier."""

    log_prior_C: Float[Array, " C"]
    mean_CD: Float[Array, "C D"]
    variance_D: Float[Array, " D"]

    def log_joint(self, x_ND: Float[Array, "N D"]) -> Float[Array, "N C"]:
        """log p(x, y) in nats; its largest entry is the class by Bayes' rule."""
        square_NC = jax.vmap(lambda mean_D: ((x_ND - mean_D) ** 2 / self.variance_D).sum(1), out_axes=1)(self.mean_CD)
        return self.log_prior_C - 0.5 * (square_NC + jnp.log(2 * jnp.pi * self.variance_D).sum())

    def draw(self, key, labels_N: Int[Array, " N"]) -> Float[Array, "N D"]:
        """x from p(x | y)."""
        noise_ND = jax.random.normal(key, (len(labels_N), len(self.variance_D)), self.mean_CD.dtype)
        return self.mean_CD[labels_N] + noise_ND * jnp.sqrt(self.variance_D)


class Gaussians(NamedTuple):
    """A Gaussian a class with a covariance of its own, `root` its lower Cholesky factor: a quadratic classifier."""

    log_prior_C: Float[Array, " C"]
    mean_CD: Float[Array, "C D"]
    root_CDD: Float[Array, "C D D"]

    def log_joint(self, x_ND: Float[Array, "N D"]) -> Float[Array, "N C"]:
        """log p(x, y) in nats; its largest entry is the class by Bayes' rule."""

        def log_density(of_class):
            mean_D, root_DD = of_class
            white_DN = jax.scipy.linalg.solve_triangular(root_DD, (x_ND - mean_D).T, lower=True)
            scale = jnp.log(jnp.diag(root_DD)).sum() + 0.5 * len(mean_D) * jnp.log(2 * jnp.pi)
            return -0.5 * (white_DN**2).sum(0) - scale

        return self.log_prior_C + jax.lax.map(log_density, (self.mean_CD, self.root_CDD)).T

    def draw(self, key, labels_N: Int[Array, " N"]) -> Float[Array, "N D"]:
        """x from p(x | y)."""
        noise_ND = jax.random.normal(key, (len(labels_N), self.mean_CD.shape[1]), self.mean_CD.dtype)
        return self.mean_CD[labels_N] + jnp.einsum("nde,ne->nd", self.root_CDD[labels_N], noise_ND)


@partial(jax.jit, static_argnames="classes")
def naive_bayes(
    x_ND: Float[Array, "N D"], labels_N: Int[Array, " N"], *, classes: int, floor: float | Array = 0.1
) -> NaiveBayes:
    """The generative twin of logistic regression: maximum likelihood, to each variance within classes `floor` times their mean added.

    Every class needs an example. Ng and Jordan, "On Discriminative vs. Generative Classifiers", 2002.
    """
    member_NC, mean_CD = _means(x_ND, labels_N, classes)
    variance_D = ((x_ND - mean_CD[labels_N]) ** 2).mean(0)
    return NaiveBayes(jnp.log(member_NC.mean(0)), mean_CD, variance_D + floor * variance_D.mean())


@partial(jax.jit, static_argnames="classes")
def gaussians(
    x_ND: Float[Array, "N D"],
    labels_N: Int[Array, " N"],
    *,
    classes: int,
    strength: float | Array = 100.0,
    spherical: float | Array = 0.3,
) -> Gaussians:
    """Regularised discriminant analysis: class covariances shrunk to T, the pooled one shrunk to a multiple of the identity.

    (n_c S_c + k T) / (n_c + k): T counts as k = `strength` examples of each class, as under an inverse Wishart prior; T = (1 - g) S +
    g tr S / D I, g = `spherical`. One T for all, so that directions in which the examples do not vary favour no class. Every class
    needs an example. After Friedman, "Regularized Discriminant Analysis", 1989, where the identity's multiple is each class's own.
    """
    member_NC, mean_CD = _means(x_ND, labels_N, classes)
    centred_ND = x_ND - mean_CD[labels_N]
    pooled_DD, D = centred_ND.T @ centred_ND / len(x_ND), x_ND.shape[1]
    target_DD = (1 - spherical) * pooled_DD + spherical * jnp.trace(pooled_DD) / D * jnp.eye(D)

    def root(member_N):
        own_DD = (centred_ND * member_N[:, None]).T @ centred_ND
        return jnp.linalg.cholesky((own_DD + strength * target_DD) / (member_N.sum() + strength))

    return Gaussians(jnp.log(member_NC.mean(0)), mean_CD, jax.lax.map(root, member_NC.T))


def _means(x_ND, labels_N, classes: int):
    member_NC = jax.nn.one_hot(labels_N, classes, dtype=x_ND.dtype)
    return member_NC, member_NC.T @ x_ND / member_NC.sum(0)[:, None]
