"""Kanji as strokes: 10,000 train and 600 valid characters, 21 to 88 points.

Files: short_kanji.npz in <data_dir>/short_kanji/ or <data_dir>/sketch/.
Source: U. Apel, KanjiVG, as strokes by D. Ha, sketch-rnn-datasets, 2017 (CC BY-SA 3.0).
"""

from dlcv.data.source import Data, Spec
from dlcv.data.strokes import published, sketch_rnn_file, strokes_spec

FORMS = sketch_rnn_file(
    "short_kanji.npz", "f6855ba03d58f44830499dd98e7cb99f46c970651f4f16f2d886398f34709914", "kanji/short_kanji.npz"
)


def spec(*, longest: int = 88, limit: int | None = None) -> Spec:
    """Drawings of at most `longest` points."""
    del limit
    return strokes_spec(longest)


def load(*, data_dir: str | None = None, longest: int = 88, limit: int | None = None) -> Data:
    """Train and valid as published, without the drawings of more points; `limit` keeps the first of train."""
    return published("short_kanji", FORMS, spec(longest=longest), data_dir, limit)
