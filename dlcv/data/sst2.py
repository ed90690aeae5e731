"""SST-2, is a sentence of a film review negative or positive: 6,920 sentences train, 872 are `valid` (GLUE's dev), 1,821 `test`.

Files: stsa.binary.train, .dev and .test, plain or as .gz, in <data_dir>/sst2/; with `phrases` GLUE's 67,349 phrases of the same training
sentences instead, phrase_alps_train.tsv.gz, phrase_alps_dev.tsv.gz and phrase_glue_dev.tsv.gz, whose test labels are not public.
Source: Socher et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank", 2013.
"""

from dlcv.data import treebank
from dlcv.data.marked_rows import labelled_data, labelled_spec
from dlcv.data.source import Data, Spec

CLASSES = ("negative", "positive")


def spec(
    *, tokeniser: str = "byte_pair", corpus: str = "reviews", size: int = 8000, width: int = 64, phrases: bool = False,
    labelled: int | None = None,
) -> Spec:  # fmt: skip
    """A sentence of at most `width` tokens and its label; the tokeniser is that of `passages` on the corpus."""
    del corpus, phrases, labelled
    return labelled_spec(tokeniser, size, width, CLASSES)


def load(
    *, data_dir: str | None = None, tokeniser: str = "byte_pair", corpus: str = "reviews", size: int = 8000, width: int = 64,
    phrases: bool = False, labelled: int | None = None,
) -> Data:  # fmt: skip
    """With `labelled` the first so many of each class train."""
    facts, splits = treebank.phrases(data_dir) if phrases else treebank.sentences("binary", data_dir)
    chosen = spec(tokeniser=tokeniser, size=size, width=width)
    return labelled_data("sst2", chosen, splits, (tokeniser, corpus, size, data_dir), facts, labelled)
