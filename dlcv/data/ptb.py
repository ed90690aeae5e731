"""Penn Treebank as words: 929,589, 73,760 and 82,430 tokens in sentences closed by END, 10,000 distinct ones; the licence is not open.

Files: ptb.train.txt, ptb.valid.txt and ptb.test.txt, plain or as .gz, in <data_dir>/ptb/.
Source: Marcus, Santorini and Marcinkiewicz, "Building a Large Annotated Corpus of English", 1993; as prepared by Mikolov, Karafiat,
Burget, Cernocky and Khudanpur, "Recurrent Neural Network Based Language Model", 2010.
"""

from itertools import chain

from dlcv.data.source import Data, Spec
from dlcv.data.word_corpora import corpus
from dlcv.data.word_streams import word_data, word_spec
from dlcv.language.vocabulary import SPECIALS, counted

WORDS = 9998  # beside END and the unknown


def spec(*, length: int = 35) -> Spec:
    """Rows of `length` + 1 words."""
    return word_spec(WORDS + len(SPECIALS), length)


def load(*, data_dir: str | None = None, length: int = 35) -> Data:
    """Train, valid and test as published; every word of the latter two occurs in train."""
    found = corpus("ptb", data_dir)
    return word_data("ptb", found, spec(length=length), counted(chain.from_iterable(found.splits["train"])))
