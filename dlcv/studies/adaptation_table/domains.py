"""The domains of a table by their letters: features as the published tables prepare them, and labels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from dlcv.data import digit_domains, office_caltech
from dlcv.errors import Misuse, unknown
from dlcv.shallow import preprocess

TITLES = {"surf": "SURF", "decaf6": "DeCAF6", "googlenet1024": "GoogLeNet-1024", "digits": "digits, 16x16 pixels"}
FEW = {"D": 8}  # DSLR's samples a class in the sampling protocol
USUAL = 20


class Domain(NamedTuple):
    """One domain."""

    letter: str
    features: Float[np.ndarray, "N D"]
    labels: Int[np.ndarray, "N"]
    draw: int = USUAL  # samples a class of the sampling protocol


def load(features: Sequence[str], data_dir: str | None) -> tuple[dict[str, dict[str, Domain]], list[str]]:
    """{kind of features: {letter: Domain}}, kinds of which two domains are there; and the files that are missing.

    Raises Misuse for an unknown kind, a damaged file, and when no kind can be had.
    """
    found, lacking = {}, []
    for kind in features:
        if kind not in TITLES:
            raise unknown("kind of features", kind, TITLES)
        absent = office_caltech.missing(kind, data_dir) if kind != "digits" else {}
        lacking += absent.values()
        names = [name for name in office_caltech.DOMAINS if name not in absent] if kind != "digits" else ()
        if kind == "digits":
            found[kind] = _digits()
        elif len(names) > 1:
            found[kind] = {name[0].upper(): _published(kind, name, data_dir) for name in names}
    if not found:
        place = data_dir or "<data_dir>"
        raise Misuse(
            f"no two domains of {', '.join(features)} are there: put {', '.join(lacking)} into {place}/ and give "
            "--data_dir, or take the rung :digits, which needs no files"
        )
    return found, lacking


def _published(kind: str, name: str, data_dir: str | None) -> Domain:
    raw, labels = office_caltech.read(kind, name, data_dir)
    prepared = preprocess.surf(raw) if kind == "surf" else preprocess.unit_rows(raw)
    letter = name[0].upper()
    return Domain(letter, prepared, labels, FEW.get(letter, USUAL))


def _digits() -> dict[str, Domain]:
    found = {}
    for name in digit_domains.DOMAINS:
        images, labels = digit_domains.read(name)
        letter = name[0].upper()
        found[letter] = Domain(letter, preprocess.unit_rows(images.reshape(len(images), -1)), labels)
    return found


def sampled(domain: Domain, draw: int) -> Domain:
    """`domain.draw` samples of each class, the draw a function of its number.

    The protocol of Gong et al., "Geodesic Flow Kernel for Unsupervised Domain Adaptation", 2012.
    """
    rows = chosen(domain.labels, domain.draw, np.random.Generator(np.random.Philox(draw)))
    return domain._replace(features=domain.features[rows], labels=domain.labels[rows])


def chosen(labels: Int[np.ndarray, "N"], count: int, generator: np.random.Generator) -> Int[np.ndarray, "M"]:
    """Rows of `count` random samples of each class (all where there are fewer), class after class."""
    return np.concatenate(
        [generator.permutation(np.flatnonzero(labels == label))[:count] for label in np.unique(labels)]
    )
