"""Office+Caltech10: published features of 2,533 product photographs, 10 classes in four domains, for domain adaptation.

Files in <data_dir>/office_caltech10/: surf/<domain>_SURF_L10.mat (800 counts of visual words), decaf6/<domain>_decaf.mat
(4,096 activations) and googlenet1024/<domain>.npz or .mat (1,024), with arrays `fts` or `feas` and labels 1 to 10. The SURF
files come with the code of geodesic flow kernels, the others with repositories of transfer learning.
Source: Gong, Shi, Sha and Grauman, "Geodesic Flow Kernel for Unsupervised Domain Adaptation", 2012.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Int

from dlcv.data.files import File, Form, find
from dlcv.data.images import check
from dlcv.data.items import split
from dlcv.data.source import Data, Examples, Spec

CLASSES = (
    "backpack", "bike", "calculator", "headphones", "keyboard", "laptop", "monitor", "mouse", "mug", "projector",
)  # fmt: skip
DOMAINS = {"amazon": 958, "caltech10": 1123, "dslr": 157, "webcam": 295}
FOLDER = "office_caltech10"


class Features(NamedTuple):
    """One kind of features: its width, and its published files by domain."""

    width: int
    files: Mapping[str, tuple[str, ...]]  # equivalent ones, the first is asked for
    sha256: Mapping[str, str] = {}


FEATURES = {
    "surf": Features(
        800,
        {name: (f"surf/{name.replace('caltech', 'Caltech')}_SURF_L10.mat",) for name in DOMAINS},
        {
            "amazon": "df32548b994e18d364c99e1f317e1fae100597259f0423a41b90f4f68187bb1f",
            "caltech10": "4f9334c8ced489d5054de97a5fd51a61f017f3bcd1f38c9a85c6d78cb9d7bda5",
            "dslr": "44d673c68e1d07b837893aa74dba3b986e4a6cc3fd66f0dd357683bdef059216",
            "webcam": "a6a9c78b4b7181dfbb58bcfd351d4ebd737f171c31247b8884948aa156d3f700",
        },
    ),
    "decaf6": Features(4096, {name: (f"decaf6/{name.removesuffix('10')}_decaf.mat",) for name in DOMAINS}),
    "googlenet1024": Features(
        1024, {name: (f"googlenet1024/{name}.npz", f"googlenet1024/{name}.mat") for name in DOMAINS}
    ),
}


def spec(*, features: str = "surf", domain: str = "amazon", held_out: float = 0.2) -> Spec:
    """Vectors "features" [800, 4096 or 1024] and a label; valid is a seeded fraction `held_out` of the domain."""
    check("features", features, tuple(FEATURES))
    check("domain", domain, tuple(DOMAINS))
    train, valid = split(DOMAINS[domain], held_out)
    example = {
        "features": jax.ShapeDtypeStruct((FEATURES[features].width,), np.float32),
        "label": jax.ShapeDtypeStruct((), np.int32),
    }
    return Spec(example, {"classes": CLASSES, "examples": {"train": len(train), "valid": len(valid)}})


def load(*, data_dir: str | None = None, features: str = "surf", domain: str = "amazon", held_out: float = 0.2) -> Data:
    """The published vectors as they are, as float32. Raises Misuse for missing and damaged files."""
    chosen = spec(features=features, domain=domain, held_out=held_out)
    vectors, labels, sha256 = _domain(features, domain, data_dir)
    sources = {
        name: Examples({"features": vectors[rows].astype(np.float32), "label": labels[rows]}, "office_caltech")
        for name, rows in zip(("train", "valid"), split(DOMAINS[domain], held_out), strict=True)
    }
    facts = {"data": "office_caltech", "examples": chosen.info["examples"], "sha256": sha256}
    return Data(sources["train"], {"valid": sources["valid"]}, facts, chosen.info)


def read(features: str, domain: str, data_dir: str | None) -> tuple[Float[np.ndarray, "N D"], Int[np.ndarray, "N"]]:
    """A whole domain in published order, not normalised, and its labels 0 to 9. Raises Misuse as `load` does."""
    spec(features=features, domain=domain)
    return _domain(features, domain, data_dir)[:2]


def missing(features: str, data_dir: str | None) -> dict[str, str]:
    """{domain: the file it lacks, inside data_dir}, for the domains of which no published form is there."""
    check("features", features, tuple(FEATURES))
    folder = Path(data_dir) / FOLDER if data_dir else None
    return {
        domain: f"{FOLDER}/{names[0]}"
        for domain, names in FEATURES[features].files.items()
        if folder is None or not any((folder / name).is_file() for name in names)
    }


def _domain(features: str, domain: str, data_dir: str | None):
    kind = FEATURES[features]

    def parse(paths: Mapping[str, Path]):
        (path,) = paths.values()
        return _arrays(path, (DOMAINS[domain], kind.width))

    forms = tuple(Form((File(name, kind.sha256.get(domain)),), parse, FOLDER) for name in kind.files[domain])
    found = find("office_caltech", forms, data_dir)
    return *found.read(), found.sha256


def _arrays(path: Path, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Vectors [N, D] and labels [N] from 0 of a file of either format. Raises ValueError for other contents."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
    else:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError

        try:
            arrays = loadmat(path)
        except (MatReadError, NotImplementedError, TypeError) as error:
            raise ValueError(f"no MATLAB 5 file ({error})") from error
    vectors = np.asarray(arrays["feas" if "feas" in arrays else "fts"], np.float64)
    labels = np.asarray(arrays["labels"]).ravel().astype(np.int32) - 1
    if vectors.shape != shape or labels.shape != shape[:1] or set(labels) != set(range(len(CLASSES))):
        raise ValueError(f"expected vectors {shape} with labels 1 to {len(CLASSES)}, got {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError("some values are not finite")
    return vectors, labels
