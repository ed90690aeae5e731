"""Generative classifiers: densities against scipy, estimates against loops and scikit-learn, draws that have the model's moments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from dlcv.shallow.bayes import gaussians, naive_bayes

rng = np.random.default_rng(0)
C, D = 3, 4
LABELS = np.repeat(np.arange(C), [20, 30, 50])
X = rng.normal(size=(100, D)) @ rng.normal(size=(D, D)) + 2 * rng.normal(size=(C, D))[LABELS]
TEST = rng.normal(size=(7, D))


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


def fitted(fit, **settings):
    return fit(jnp.asarray(X), jnp.asarray(LABELS), classes=C, **settings)


def test_naive_bayes_is_a_product_of_normal_densities_with_shared_variances():
    model = fitted(naive_bayes, floor=0.0)
    means = [X[c == LABELS].mean(0) for c in range(C)]
    variance = np.mean([(x - means[c]) ** 2 for x, c in zip(X, LABELS, strict=True)], 0)
    wanted = [
        norm(mean, np.sqrt(variance)).logpdf(TEST).sum(1) + np.log(np.mean(c == LABELS)) for c, mean in enumerate(means)
    ]
    np.testing.assert_allclose(model.log_joint(jnp.asarray(TEST)), np.stack(wanted, 1), rtol=1e-8)
    raised = fitted(naive_bayes, floor=0.5).variance_D
    np.testing.assert_allclose(raised, variance + 0.5 * variance.mean(), rtol=1e-8)


def test_naive_bayes_is_linear_in_the_features():
    model = fitted(naive_bayes)
    a, b = jnp.asarray(TEST[:1]), jnp.asarray(TEST[1:2])
    odds = [np.diff(model.log_joint(x)) for x in (a, b, (a + b) / 2)]
    np.testing.assert_allclose(odds[2], (odds[0] + odds[1]) / 2, rtol=1e-8)


@pytest.mark.parametrize(("strength", "spherical"), [(0.0, 0.0), (1e12, 0.0), (20.0, 0.2), (5.0, 1.0)])
def test_gaussians_have_covariances_shrunk_to_the_pooled_one(strength, spherical):
    model = fitted(gaussians, strength=strength, spherical=spherical)
    parts = [X[c == LABELS] for c in range(C)]
    sums = [(x - x.mean(0)).T @ (x - x.mean(0)) for x in parts]
    pooled = sum(sums) / len(X)
    target = (1 - spherical) * pooled + spherical * np.trace(pooled) / D * np.eye(D)
    for c, x in enumerate(parts):
        covariance = (sums[c] + strength * target) / (len(x) + strength)
        wanted = multivariate_normal(x.mean(0), covariance).logpdf(TEST) + np.log(len(x) / len(X))
        np.testing.assert_allclose(model.log_joint(jnp.asarray(TEST))[:, c], wanted, rtol=1e-8)


def test_directions_without_variation_favour_no_class():
    """Columns that are 0 in all examples change a class's density by one factor, whatever the spread of the class."""
    blank = np.concatenate([X, np.zeros((len(X), 50))], 1)
    test = jnp.asarray(np.concatenate([TEST, np.zeros((7, 50))], 1))
    sizes = np.full(C, 20)
    rows = np.concatenate([np.flatnonzero(c == LABELS)[: sizes[c]] for c in range(C)])
    settings = dict(classes=C, strength=30.0)
    alone = gaussians(jnp.asarray(X[rows]), jnp.asarray(LABELS[rows]), spherical=0.0, **settings)
    found = gaussians(jnp.asarray(blank[rows]), jnp.asarray(LABELS[rows]), spherical=1e-9, **settings)
    posterior = [jax.nn.softmax(model.log_joint(x)) for model, x in ((alone, jnp.asarray(TEST)), (found, test))]
    np.testing.assert_allclose(*posterior, atol=1e-6)


@pytest.mark.parametrize("fit", [naive_bayes, gaussians])
def test_draws_have_the_moments_of_the_class(fit):
    model = fitted(fit)
    drawn = np.asarray(model.draw(jax.random.key(0), jnp.full(40_000, 1)))
    covariance = np.diag(model.variance_D) if fit is naive_bayes else model.root_CDD[1] @ model.root_CDD[1].T
    np.testing.assert_allclose(drawn.mean(0), model.mean_CD[1], atol=5 * np.sqrt(np.diag(covariance).max() / 40_000))
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.05 * np.abs(covariance).max())


@pytest.mark.peers
def test_posteriors_are_those_of_scikit_learn():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

    def posterior(model):
        return jax.nn.softmax(model.log_joint(jnp.asarray(TEST)))

    lda = LinearDiscriminantAnalysis(solver="lsqr").fit(X, LABELS)
    np.testing.assert_allclose(
        posterior(fitted(gaussians, strength=1e12, spherical=0.0)), lda.predict_proba(TEST), atol=1e-6
    )
    qda = QuadraticDiscriminantAnalysis(store_covariance=True).fit(X, LABELS)
    n = np.bincount(LABELS)
    given = np.array([np.trace(np.cov(X[c == LABELS].T, bias=True)) / np.trace(qda.covariance_[c]) for c in range(C)])
    means = np.stack([X[c == LABELS].mean(0) for c in range(C)])[LABELS]
    scaled = (
        means + (X - means) / np.sqrt(given)[LABELS][:, None]
    )  # its divisor, n or n - 1, changed from version to version
    assert np.allclose(given, 1) or np.allclose(given, (n - 1) / n)
    whole = gaussians(jnp.asarray(scaled), jnp.asarray(LABELS), classes=C, strength=0.0, spherical=0.0)
    np.testing.assert_allclose(posterior(whole), qda.predict_proba(TEST), atol=1e-6)
