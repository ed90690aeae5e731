"""English prose from `pydoc_data.topics`, Python's reference pages (about 460,000 characters); no download.

The text differs between Python versions: `Data.facts` holds its sha256 and the version.
"""

import platform
import random

from dlcv.data.source import Data, Spec
from dlcv.data.streams import PRINTABLE, stream_data, stream_spec


def spec(*, length: int = 64, limit: int | None = None) -> Spec:
    """Rows of `length` + 1 tokens of a fixed vocabulary: line feed and the 95 printable ASCII characters."""
    del limit
    return stream_spec(PRINTABLE, length)


def load(*, data_dir: str | None = None, length: int = 64, limit: int | None = None) -> Data:
    """The pages in an order shuffled once by a fixed seed; characters outside the vocabulary are dropped."""
    from pydoc_data.topics import topics

    del data_dir
    names = sorted(topics)
    random.Random(0).shuffle(names)
    text = "\n".join(topics[name] for name in names)
    facts = {"python": platform.python_version()}
    return stream_data("prose", text, spec(length=length), limit=limit, facts=facts)
