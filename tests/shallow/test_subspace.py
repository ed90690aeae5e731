"""SA, SDA, CORAL and the geodesic flow kernel against their definitions, by least squares, matrix roots and quadrature."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.linalg import null_space, sqrtm
from shifts import blobs
from sklearn.decomposition import PCA

from dlcv import shallow
from dlcv.shallow.geodesic import between

SOURCE, LABELS, TARGET, _ = blobs(seed=11, per_class=20, targets=50)
EYE = np.eye(SOURCE.shape[1])  # transform(EYE, domain) is the matrix of a linear method


def axes(x, dim):
    return PCA(dim).fit(x).components_.T


def test_alignment_is_the_least_squares_turn_of_the_source_axes():
    found = shallow.fit("sa", SOURCE, LABELS, TARGET, dim=4)
    of_source, of_target = axes(SOURCE, 4), axes(TARGET, 4)
    turn = np.linalg.lstsq(of_source, of_target, rcond=None)[0]
    signs = np.sign(np.sum(found.transform(EYE, "target") * of_target, 0))
    np.testing.assert_allclose(found.transform(EYE, "target") * signs, of_target, atol=1e-8)
    np.testing.assert_allclose(found.transform(EYE, "source") * signs, of_source @ turn, atol=1e-8)


def test_all_axes_align_perfectly():
    found = shallow.fit("sa", SOURCE, LABELS, TARGET, dim=12)
    np.testing.assert_allclose(found.transform(EYE, "source"), found.transform(EYE, "target"), atol=1e-10)


def test_distribution_alignment_rescales_by_the_spread_along_each_axis():
    plain = shallow.fit("sa", SOURCE, LABELS, TARGET, dim=4)
    scaled = shallow.fit("sda", SOURCE, LABELS, TARGET, dim=4)
    ratio = PCA(4).fit(TARGET).explained_variance_ / PCA(4).fit(SOURCE).explained_variance_
    np.testing.assert_allclose(scaled.source, plain.source * np.sqrt(ratio), atol=1e-9)
    np.testing.assert_array_equal(scaled.target, plain.target)


def test_a_stretched_domain_gets_its_spread_back():
    stretched = SOURCE @ np.diag(np.linspace(1, 3, 12)) @ axes(SOURCE, 12).T
    found = shallow.fit("sda", stretched * 0.2, LABELS, stretched, dim=12)
    np.testing.assert_allclose(found.source, found.target, atol=1e-8)


@pytest.mark.parametrize("ridge", [1.0, 0.1])
def test_coral_is_the_product_of_matrix_roots(ridge):
    found = shallow.fit("coral", SOURCE, LABELS, TARGET, ridge=ridge)
    one, two = np.cov(SOURCE, rowvar=False) + ridge * EYE, np.cov(TARGET, rowvar=False) + ridge * EYE
    np.testing.assert_allclose(found.source, SOURCE @ np.linalg.inv(sqrtm(one)) @ sqrtm(two), atol=1e-9)
    np.testing.assert_array_equal(found.target, TARGET)


def test_coral_in_many_more_dimensions_than_samples():
    rng = np.random.default_rng(3)
    source, target = rng.normal(size=(15, 40)), rng.normal(size=(12, 40)) * rng.uniform(0.5, 2, 40)
    found = shallow.fit("coral", source, np.arange(15) % 2, target)
    one, two = np.cov(source, rowvar=False) + np.eye(40), np.cov(target, rowvar=False) + np.eye(40)
    np.testing.assert_allclose(found.source, source @ np.linalg.inv(sqrtm(one)) @ sqrtm(two), atol=1e-9)


def test_coral_without_a_ridge_gives_the_source_the_targets_covariance():
    found = shallow.fit("coral", SOURCE, LABELS, TARGET, ridge=0.0)
    np.testing.assert_allclose(np.cov(found.source, rowvar=False), np.cov(TARGET, rowvar=False), atol=1e-9)


def flow_by_quadrature(of_source, of_target):
    """The integral of Phi(t) Phi(t)', Phi as its paper writes it with a basis of the source's orthogonal complement."""
    rest = null_space(of_source.T)
    turn, cosine, other = np.linalg.svd(of_source.T @ of_target)
    theta = np.arccos(np.clip(cosine, -1, 1))
    outward = -rest.T @ of_target @ other.T / np.sin(theta)

    def square(t):
        phi = of_source @ turn @ np.diag(np.cos(t * theta)) - rest @ outward @ np.diag(np.sin(t * theta))
        return phi @ phi.T

    return quad_vec(square, 0, 1)[0]


def test_the_flow_kernel_is_the_integral_over_the_geodesic():
    found = shallow.fit("gfk", SOURCE, LABELS, TARGET, dim=4)
    root = found.transform(EYE)
    np.testing.assert_allclose(root @ root.T, flow_by_quadrature(axes(SOURCE, 4), axes(TARGET, 4)), atol=1e-9)
    np.testing.assert_array_equal(root, found.transform(EYE, "source"))


def test_a_geodesic_of_length_zero_is_a_projection():
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(9, 3)))[0]
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    with jax.enable_x64(True):
        root = np.asarray(between(jnp.asarray(basis), jnp.asarray(basis @ turn)))
    np.testing.assert_allclose(root @ root.T, basis @ basis.T, atol=1e-10)


def test_orthogonal_subspaces_have_the_kernel_known_in_closed_form():
    basis = np.eye(6)
    with jax.enable_x64(True):
        root = np.asarray(between(jnp.asarray(basis[:, :2]), jnp.asarray(basis[:, 2:4])))
    planes = np.linalg.eigvalsh(root @ root.T)
    np.testing.assert_allclose(planes, [0, 0, *[0.5 - 1 / np.pi] * 2, *[0.5 + 1 / np.pi] * 2], atol=1e-12)


@pytest.mark.peers
def test_alignment_equals_skada():
    skada = pytest.importorskip("skada", reason="needs skada")
    x, domain = np.concatenate([SOURCE - SOURCE.mean(0), TARGET - TARGET.mean(0)]), np.repeat([1, -2], [60, 50])
    peer = skada.SubspaceAlignmentAdapter(n_components=4, random_state=0)
    theirs = peer.fit_transform(x, np.zeros(110), sample_domain=domain)
    found = shallow.fit("sa", x[:60], LABELS, x[60:], dim=4)
    ours = np.concatenate([found.source, found.target])
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-7)


@pytest.mark.peers
def test_coral_equals_skada():
    skada = pytest.importorskip("skada", reason="needs skada")
    source, target = (
        SOURCE[:50] - SOURCE[:50].mean(0),
        TARGET - TARGET.mean(0),
    )  # of one size: their covariance divides by N
    x, domain = np.concatenate([source, target]), np.repeat([1, -2], [50, 50])
    theirs = skada.CORALAdapter(reg=0.0).fit_transform(x, np.zeros(100), sample_domain=domain)
    found = shallow.fit("coral", source, np.arange(50) % 2, target, ridge=0.0)
    np.testing.assert_allclose(np.concatenate([found.source, found.target]), theirs, atol=1e-8)
