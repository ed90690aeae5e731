"""The rows of the table: method, settings and where they are from. No setting was chosen by looking at a reference column."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

FULL = "all source and target samples"
SAMPLED = "20 source samples a class (DSLR 8), all target samples"
# Subspace dimensions of GFK on SURF, by unordered pair of domains, as its authors' released code states them.
GFK_DIM = {"DW": 10, "AD": 20, "AW": 10, "CW": 20, "CD": 10, "AC": 20}


def _fixed(**settings) -> Callable[[str, str, int], Mapping[str, Any]]:
    return lambda source, target, width: dict(settings)


class Row(NamedTuple):
    """One row: the method's name in `dlcv.shallow`, its settings by (source, target, width), and who says so."""

    method: str
    label: str
    source: str
    settings: Callable[[str, str, int], Mapping[str, Any]] = _fixed()
    sampled: bool = False

    @property
    def protocol(self) -> str:
        return SAMPLED if self.sampled else FULL


JGSA = dict(dim=30, weight=1.0, mu=1.0, beta=0.1, iterations=10)
ROWS = {
    "raw": Row("raw", "Raw", "no setting"),
    "sa": Row("sa", "SA", "one fixed d = 30 for all tasks", _fixed(dim=30)),
    "sda": Row("sda", "SDA", "one fixed d = 30 for all tasks", _fixed(dim=30)),
    "gfk": Row(
        "gfk",
        "GFK",
        "d by pair of domains as in the authors' code, 20 elsewhere",
        lambda source, target, width: {"dim": GFK_DIM.get("".join(sorted(source + target)), 20)},
    ),
    "tca": Row("tca", "TCA", "JGSA's experiments: linear kernel, k = 30, λ = 1", _fixed(kernel="linear", dim=30, weight=1.0)),
    "jda": Row(
        "jda", "JDA", "its authors: linear kernel, k = 100, λ = 1, T = 10", _fixed(kernel="linear", dim=100, weight=1.0, iterations=10)
    ),
    "tjm": Row(
        "tjm", "TJM", "its authors: linear kernel, k = 20, λ = 1, T = 10", _fixed(kernel="linear", dim=20, weight=1.0, iterations=10)
    ),
    "sca": Row(
        "sca", "SCA", "one fixed choice, no search: RBF kernel, median width, β = 0.5, δ = 1", _fixed(kernel="rbf", beta=0.5, delta=1.0)
    ),
    "jgsa_primal": Row("jgsa_primal", "JGSA primal", "its authors: k = 30, λ = 1, μ = 1, β = 0.1, T = 10", _fixed(**JGSA)),
    "jgsa_linear": Row("jgsa_linear", "JGSA linear", "as JGSA primal", _fixed(**JGSA)),
    "jgsa_rbf": Row("jgsa_rbf", "JGSA RBF", "as JGSA primal, width 2 / mean squared distance", _fixed(**JGSA)),
    "ot_gl": Row(
        "ot_gl",
        "OT-GL, sampled",
        "one fixed choice, no search: cost over its maximum, ε = 0.05, η = 0.1",
        _fixed(entropy=0.05, group=0.1),
        sampled=True,
    ),
    "ot_gl_full": Row("ot_gl", "OT-GL, full", "as OT-GL", _fixed(entropy=0.05, group=0.1)),
    "coral": Row(
        "coral",
        "CORAL",
        "its authors' 1 on columns of unit variance, which unit rows scale by 1/D",
        lambda source, target, width: {"ridge": 1 / width},
    ),
    "meda": Row(
        "meda",
        "MEDA",
        "its authors: d = 20, λ = 10, ρ = 1, η = 0.1, p = 10, T = 10, μ estimated",
        _fixed(dim=20, alignment=10.0, smoothness=1.0, ridge=0.1, neighbours=10, iterations=10),
    ),
}  # fmt: skip
