"""Linux source code: all .c and .h files of Linux 1.0, 4.4 million characters, or Karpathy's 6.2 million.

Files: linux_input.txt in <data_dir>/linux/, or linux1.0_input.txt.gz in <data_dir>/char_text/.
Source: Karpathy, Johnson and Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015 (the text: L. Torvalds
and others, GPL-2).
"""

from dlcv.data.corpora import corpus, forms
from dlcv.data.files import File
from dlcv.data.source import Data, Spec
from dlcv.data.streams import stream_spec

VOCABULARY = tuple(map(chr, (9, 10, 12, *range(32, 127))))
FORMS = forms(
    File(
        "linux_input.txt",
        None,
        "https://cs.stanford.edu/people/karpathy/char-rnn/linux_input.txt",
    ),
    File("linux1.0_input.txt.gz", "fb88472d459e362ec01f7ec1fb0186094aa1bf63bc537efd4af102ade259e28f"),
)


def spec(*, length: int = 64, limit: int | None = None) -> Spec:
    """Rows of `length` + 1 tokens of 98 characters; others are dropped."""
    del limit
    return stream_spec(VOCABULARY, length)


def load(*, data_dir: str | None = None, length: int = 64, limit: int | None = None) -> Data:
    """The first `limit` characters, their last tenth held out."""
    return corpus("linux", FORMS, spec(length=length), data_dir, limit)
