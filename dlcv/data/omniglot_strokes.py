"""Omniglot's handwritten characters as strokes: 30,000 train and 1,000 valid, 2 to 157 points.

Files: omniglot.npz in <data_dir>/omniglot_strokes/ or <data_dir>/sketch/.
Source: Lake, Salakhutdinov and Tenenbaum, "Human-level Concept Learning through Probabilistic Program Induction", 2015.
"""

from dlcv.data.source import Data, Spec
from dlcv.data.strokes import published, sketch_rnn_file, strokes_spec

FORMS = sketch_rnn_file(
    "omniglot.npz", "bd5277621a8c577919491dfa729a59a8b5c216cff9e4fda9cef532db29f120c7", "omniglot/omniglot.npz"
)


def spec(*, longest: int = 157, limit: int | None = None) -> Spec:
    """Drawings of at most `longest` points."""
    del limit
    return strokes_spec(longest)


def load(*, data_dir: str | None = None, longest: int = 157, limit: int | None = None) -> Data:
    """Train and valid as published, without the drawings of more points; `limit` keeps the first of train."""
    return published("omniglot_strokes", FORMS, spec(longest=longest), data_dir, limit)
