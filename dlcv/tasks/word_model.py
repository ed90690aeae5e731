"""Word-level language models, trained as character models are: a recurrent network, or the bag of the words before.

Sources: Mikolov, Karafiat, Burget, Cernocky and Khudanpur, "Recurrent Neural Network Based Language Model", 2010; Zaremba, Sutskever and
Vinyals, "Recurrent Neural Network Regularization", 2014.
"""

from functools import partial

from dlcv.engine.task import Setup, Task
from dlcv.errors import Misuse, unknown
from dlcv.models.word_model import LAYOUTS, SIZES, BagOfWords, word_model
from dlcv.tasks.continuing import write_text
from dlcv.tasks.language_model import next_token, writer

NETWORKS = ("recurrent", "bag_of_words")


def make(
    setup: Setup, network: str = "recurrent", size: str = "prose", cell: str = "lstm", dropout: float = 0.0, reset: float = 0.0,
    window: int = 5, tied: bool = False, variational: bool = False,
) -> Task:  # fmt: skip
    """One player, `model`: the next word's cross-entropy; nats and perplexity a word.

    `network` is recurrent (of `cell`) or bag_of_words, which sees the last `window` words without their order; `size` is a row of
    `dlcv.models.word_model.SIZES`; `tied`: a recurrent network scores words by the vectors it reads them as; `variational`: its dropout
    keeps one mask for all steps of a call. Raises Misuse for others and for data that are no words.
    """
    if "size" not in setup.info:
        raise Misuse("this data set is not one of words: take one that is, such as prose_words or ptb")
    if network not in NETWORKS:
        raise unknown("network", network, NETWORKS)
    fields = dict(dropout=dropout, dtype=setup.dtype)
    module = word_model(size, setup.info["size"], cell=cell, tied=tied, variational=variational, **fields)
    if network == "bag_of_words":
        module = BagOfWords(setup.info["size"], SIZES[size].width, window, **fields)
    return next_token(setup, module, reset, makers={"text": partial(write_text, writer(module))}, layouts=LAYOUTS)
