"""Tiny Shakespeare: 1,115,394 characters of plays, 65 distinct.

Files: input.txt in <data_dir>/shakespeare/, or tinyshakespeare_input.txt.gz in <data_dir>/char_text/.
Source: A. Karpathy, char-rnn, 2015.
"""

from dlcv.data.corpora import corpus, forms
from dlcv.data.files import File
from dlcv.data.source import Data, Spec
from dlcv.data.streams import stream_spec

VOCABULARY = tuple("\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
FORMS = forms(
    File(
        "input.txt",
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    ),
    File("tinyshakespeare_input.txt.gz", "13125fe8f49092165d7d489e3944db52d1ba546e64a60080cc9523bcd0c5e46a"),
)


def spec(*, length: int = 64, limit: int | None = None) -> Spec:
    """Rows of `length` + 1 tokens of 65 characters."""
    del limit
    return stream_spec(VOCABULARY, length)


def load(*, data_dir: str | None = None, length: int = 64, limit: int | None = None) -> Data:
    """The first `limit` characters, their last tenth held out."""
    return corpus("shakespeare", FORMS, spec(length=length), data_dir, limit)
