"""Latent semantic analysis by gradient descent: a linear autoencoder of bags of words, whose code is a sum of one vector a token.

Its least squared error is that of the truncated singular value decomposition of the texts' weighted bags. Words that occur in the same
texts, however far apart, come to have like vectors; masked and recurrent language models look no further than the words beside them.
Sources: Deerwester, Dumais, Furnas, Landauer and Harshman, "Indexing by Latent Semantic Analysis", 1990; Baldi and Hornik, "Neural Networks
and Principal Component Analysis: Learning from Examples without Local Minima", 1989.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse
from dlcv.language.marked import Marks
from dlcv.language.tokenisers import SPACE
from dlcv.ops.bags import counts, rarity, weighted
from dlcv.ops.keys import named
from dlcv.tasks import reading

DEVIATION = 0.02  # of initial vectors, as of BERT's table, which they may become
SHOWN = 220  # words in the figure


def make(setup: Setup, width: int = 128) -> Task:
    """One player, `model`: the squared error of a row's weighted bag of words, of length 1, told from a code of `width` numbers.

    `model/tokens` [V, width] are the vectors, `model/decoder` the directions that tell the bag from their sum. How many rows a token
    stands in is counted as training sees them. Raises Misuse for data of other rows than those of `passages`.
    """
    if "marks" not in setup.info:
        raise Misuse("this data set gives no rows of marked sentences: take one that does, such as passages")
    vocabulary, marks = setup.info["size"], Marks(*setup.info["marks"])

    def init(key, spec) -> Variables:
        def table(name):
            return DEVIATION * jax.random.normal(named(key, name), (vocabulary, width))

        params = {"tokens": table("tokens"), "decoder": table("decoder")}
        return Variables({"model": params}, {"model": {"texts": jnp.zeros(vocabulary), "seen": jnp.zeros(())}})

    def errors(params, stats, counts_BV):
        bags_BV, target_BV = weighted(counts_BV, rarity(stats["texts"], stats["seen"]))
        told_BV = bags_BV @ params["tokens"] @ params["decoder"].T * width**-0.5
        return ((told_BV - target_BV) ** 2).sum(1)

    def read(batch):
        return counts(batch["tokens"], reading.words(batch, marks), vocabulary)

    def loss(params, stats, carry, batch, key, step):
        counts_BV, before = read(batch), stats["model"]
        now = {"texts": before["texts"] + (counts_BV > 0).sum(0), "seen": before["seen"] + len(counts_BV)}
        rows = errors(params["model"], now, counts_BV)
        return Loss(rows.mean(), len(rows)), Aux(stats={"model": now})

    def predict(variables: Variables, batch, key):
        return {"error": errors(variables.params["model"], variables.stats["model"], read(batch))}

    return Task(
        init, (Player("model", ("model",), loss, setup.optimizer("model")),), setup.batch_spec, predict,
        {"unexplained": Metric(lambda outputs, batch: outputs["error"])}, figures={"words": words_figure}, decomposable=False,
    )  # fmt: skip


def words_figure(view: View) -> Figure:
    """The vocabulary's first tokens that begin a word, which are its most frequent ones, of three letters and more, in a plane."""
    labels = view.info["reader"].tokens
    first = [n for n, label in enumerate(labels) if label.startswith(SPACE) and len(label) > 3 and label[1:].isalpha()]
    chosen = first[:SHOWN]
    vectors = np.asarray(view.variables.params["model"]["tokens"])[chosen]
    return Figure("word_map", {"vectors": vectors, "words": [labels[n][1:] for n in chosen]})
