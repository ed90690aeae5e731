"""Drawings of sheep: 7,400 train and 300 valid, 20 to 250 points.

Files: aaron_sheep.npz in <data_dir>/aaron_sheep/ or <data_dir>/sketch/.
Source: A. Koblin, "The Sheep Market", 2006, as strokes by D. Ha, sketch-rnn-datasets, 2017 (CC BY-NC 4.0).
"""

from dlcv.data.source import Data, Spec
from dlcv.data.strokes import published, sketch_rnn_file, strokes_spec

FORMS = sketch_rnn_file(
    "aaron_sheep.npz", "65f8e51e43587661798ac137a204c9e049e0d11dcd50cba372ae3ca32de8b54c", "aaron_sheep/aaron_sheep.npz"
)


def spec(*, longest: int = 250, limit: int | None = None) -> Spec:
    """Drawings of at most `longest` points."""
    del limit
    return strokes_spec(longest)


def load(*, data_dir: str | None = None, longest: int = 250, limit: int | None = None) -> Data:
    """Train and valid as published, without the drawings of more points; `limit` keeps the first of train."""
    return published("aaron_sheep", FORMS, spec(longest=longest), data_dir, limit)
