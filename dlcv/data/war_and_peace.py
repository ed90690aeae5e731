"""War and Peace: 3.26 million characters of a novel; lines end in CR LF as published, the byte order mark is dropped.

Files: warpeace_input.txt in <data_dir>/war_and_peace/, or warpeace_input.txt.gz in <data_dir>/char_text/.
Source: Karpathy, Johnson and Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015 (the text: L. Tolstoy,
Project Gutenberg).
"""

from dlcv.data.corpora import corpus, forms
from dlcv.data.files import File
from dlcv.data.source import Data, Spec
from dlcv.data.streams import stream_spec

VOCABULARY = tuple("\n\r !\"'()*,-./0123456789:;=?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\xe0\xe4\xe9\xea")
FORMS = forms(
    File(
        "warpeace_input.txt",
        None,
        "https://cs.stanford.edu/people/karpathy/char-rnn/warpeace_input.txt",
    ),
    File("warpeace_input.txt.gz", "3f04326d0f96b642f87b892b8918040f80ccbf78bc9069bf2a6d4dbc440bde1c"),
)


def spec(*, length: int = 64, limit: int | None = None) -> Spec:
    """Rows of `length` + 1 tokens of 83 characters."""
    del limit
    return stream_spec(VOCABULARY, length)


def load(*, data_dir: str | None = None, length: int = 64, limit: int | None = None) -> Data:
    """The first `limit` characters, their last tenth held out."""
    return corpus("war_and_peace", FORMS, spec(length=length), data_dir, limit)
