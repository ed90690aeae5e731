"""Word-level language models, trained as character models are: a recurrent network, or the bag of the words before.

Sources: Mikolov, Karafiat, Burget, Cernocky and Khudanpur, "Recurrent Neural Network Based Language Model", 2010; Zaremba, Sutskever and
Vinyals, "Recurrent Neural Network Regularization", 2014.
"""

from collections.abc import Mapping
from functools import partial

from dlcv.engine.task import Figure, Setup, Task, View
from dlcv.errors import Misuse, unknown
from dlcv.models.net import Net
from dlcv.models.word_model import LAYOUTS, SIZES, BagOfWords, word_model
from dlcv.tasks.language_model import next_token, sample_text

NETWORKS = ("recurrent", "bag_of_words")
PASSAGES = 8  # in the figure


def make(
    setup: Setup, network: str = "recurrent", size: str = "prose", cell: str = "lstm", dropout: float = 0.0, reset: float = 0.0,
    window: int = 5, tied: bool = False,
) -> Task:  # fmt: skip
    """One player, `model`: the next word's cross-entropy; nats and perplexity a word.

    `network` is recurrent (of `cell`) or bag_of_words, which sees the last `window` words without their order; `size` is a row of
    `dlcv.models.word_model.SIZES`; `tied`: a recurrent network scores words by the vectors it reads them as. Raises Misuse for others
    and for data that are no words.
    """
    if "size" not in setup.info:
        raise Misuse("this data set is not one of words: take one that is, such as prose_words or ptb")
    if network not in NETWORKS:
        raise unknown("network", network, NETWORKS)
    fields = dict(dropout=dropout, dtype=setup.dtype)
    module = word_model(size, setup.info["size"], cell=cell, tied=tied, **fields)
    if network == "bag_of_words":
        module = BagOfWords(setup.info["size"], SIZES[size].width, window, **fields)
    makers = {"text": partial(text, Net(module), module)}
    return next_token(setup, module, reset, figures={"surprise": surprise_figure}, makers=makers, layouts=LAYOUTS)


def surprise_figure(view: View) -> Figure:
    """The beginning of some held-out passages, each word shaded by the nats it cost."""
    split, vocabulary = next(iter(view.outputs)), view.info["vocabulary"]
    rows, nats = view.examples[split]["tokens"][:PASSAGES, 1:], view.outputs[split]["nats"]
    passages = [([vocabulary[token] for token in row], costs) for row, costs in zip(rows, nats, strict=False)]
    return Figure("surprising_words", {"passages": passages})


def text(
    net: Net, module, view: View, *, count: int = 4, length: int = 60, temperature: float = 0.8, k: int = 0, p: float = 1.0,
    prefix: str = "the",
) -> Mapping[str, str]:  # fmt: skip
    """`dlcv.sample --what=text`: `count` continuations of `prefix` by `length` words, drawn as `sample_text` says."""
    options = dict(length=length, temperature=temperature, k=k, p=p, prefix=prefix, separator=view.info["separator"])
    return sample_text(net, module, view.info["vocabulary"], view.variables, view.key, count, **options)
