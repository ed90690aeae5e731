"""English prose as words: Python's reference pages, lower-cased, in sentences closed by END; no download.

About 80,000 words, the last two tenths of the sentences held out. Words that train has less than twice are unknown. The text differs
between Python versions: `Data.facts` holds the version.
"""

from functools import cache
from itertools import chain

from dlcv.data.source import Data, Spec
from dlcv.data.word_corpora import Corpus, corpus
from dlcv.data.word_streams import word_data, word_spec
from dlcv.language.vocabulary import Vocabulary, counted


@cache
def _read(limit: int | None) -> tuple[Corpus, Vocabulary]:
    found = corpus("prose", None)
    found = found._replace(splits={split: sentences[:limit] for split, sentences in found.splits.items()})
    return found, counted(chain.from_iterable(found.splits["train"]), minimum=2)


def spec(*, length: int = 35, limit: int | None = None) -> Spec:
    """Rows of `length` + 1 words of the first `limit` sentences of each split."""
    _, vocabulary = _read(limit)
    return word_spec(len(vocabulary), length, vocabulary.tokens)


def load(*, data_dir: str | None = None, length: int = 35, limit: int | None = None) -> Data:
    """Train, valid and test; reads no file of the user's."""
    del data_dir
    found, vocabulary = _read(limit)
    return word_data("prose_words", found, spec(length=length, limit=limit), vocabulary)
