"""Python's own standard library as a corpus of code, one character a token; no download.

The top-level modules of the running interpreter, in an order shuffled once by a fixed seed so that the held-out tenth
is no alphabetical tail. The text differs between Python versions: `Data.facts` holds its sha256 and the version.
"""

import platform
import random
import sysconfig
from pathlib import Path

from dlcv.data.source import Data, Spec
from dlcv.data.streams import PRINTABLE, stream_data, stream_spec
from dlcv.errors import Misuse


def spec(*, length: int = 64, limit: int | None = 2_000_000) -> Spec:
    """Rows of `length` + 1 tokens of a fixed vocabulary: line feed and the 95 printable ASCII characters."""
    del limit
    return stream_spec(PRINTABLE, length)


def load(*, data_dir: str | None = None, length: int = 64, limit: int | None = 2_000_000) -> Data:
    """The first `limit` characters of about 4.7 million; tabs become spaces, other characters are dropped."""
    del data_dir
    paths = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"), key=lambda path: path.name)
    if not paths:
        raise Misuse(
            "data set 'code' needs Python's standard library as source files, and this interpreter carries none"
        )
    random.Random(0).shuffle(paths)
    text = "\n".join(path.read_text(encoding="utf-8", errors="ignore").expandtabs(8) for path in paths)
    facts = {"python": platform.python_version()}
    return stream_data("code", text, spec(length=length), limit=limit, facts=facts)
