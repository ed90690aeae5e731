"""Word vectors by negative sampling, skip-gram or continuous bag of words as the data's windows are.

Sources: Mikolov, Chen, Corrado and Dean, "Efficient Estimation of Word Representations in Vector Space", 2013; Mikolov, Sutskever, Chen,
Corrado and Dean, "Distributed Representations of Words and Phrases and their Compositionality", 2013.
"""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np

from dlcv.engine.task import Aux, Figure, Loss, Metric, Player, Setup, Task, Variables, View
from dlcv.errors import Misuse, unknown
from dlcv.language.vocabulary import SPECIALS
from dlcv.losses.negative_sampling import negative_sampling
from dlcv.models.net import Net
from dlcv.models.word2vec import Word2Vec
from dlcv.quality import word_vectors

SHOWN = 220  # words in the figure


def make(setup: Setup, width: int = 100) -> Task:
    """One player, `model`: the cost of telling a word from noise words by its context.

    Scores where the data brings what judges them: `similarity` (rank correlation by set, and its mean weighted by their pairs) and
    `analogies` (share solved). Raises Misuse for data without noise words.
    """
    if "negatives" not in setup.batch_spec:
        raise Misuse("this data set has no noise words: take word_windows")
    net = Net(Word2Vec(setup.info["size"], width))

    def init(key, spec) -> Variables:
        empty = jnp.zeros((1, 1), jnp.int32)
        return Variables({"model": net.init(key, empty, empty, train=False)[0]})

    def nats(params, batch):
        told = jnp.concatenate([batch["word"][:, None], batch["negatives"]], axis=1)
        (h, vectors), _ = net(params["model"], {}, batch["context"], told)
        return negative_sampling(h, vectors[:, 0], vectors[:, 1:], told[:, 1:] != told[:, :1])

    def loss(params, stats, carry, batch, key, step):
        rows = nats(params, batch)
        return Loss(rows.mean(), len(rows)), Aux()

    def predict(variables: Variables, batch, key):
        return {"nats": nats(variables.params, batch)}

    return Task(
        init, (Player("model", ("model",), loss, setup.optimizer("model")),), setup.batch_spec, predict,
        {"nats": Metric(lambda outputs, batch: outputs["nats"])},
        scores={"similarity": similarity_score, "analogies": analogies_score},
        figures={"words": words_figure}, makers={"neighbours": neighbours, "vectors": vectors_of},
    )  # fmt: skip


def table(view: View) -> np.ndarray:
    return np.asarray(view.variables.params["model"]["input"])[: len(view.info["vocabulary"])]


def numbers(view: View) -> dict[str, int]:
    return {word: number for number, word in enumerate(view.info["vocabulary"]) if number >= len(SPECIALS)}


def similarity_score(view: View) -> Mapping[str, float]:
    return weighted(word_vectors.similarities(table(view), numbers(view), view.info.get("similarity", {})))


def analogies_score(view: View) -> Mapping[str, float]:
    found = word_vectors.analogies(table(view), numbers(view), view.info.get("analogies", {}))
    return {"solved": weighted(found)["mean"]} if found else {}


def weighted(found: Mapping[str, tuple[float, int]]) -> dict[str, float]:
    """Every value, and their mean weighted by what each is a value of."""
    if not found:
        return {}
    mean = sum(value * count for value, count in found.values()) / sum(count for _, count in found.values())
    return {"mean": mean} | {name: value for name, (value, _) in found.items()}


def words_figure(view: View) -> Figure:
    """The most frequent words of three letters and more, in a plane."""
    vocabulary = view.info["vocabulary"]
    chosen = [n for n in range(len(SPECIALS), len(vocabulary)) if len(vocabulary[n]) > 2 and vocabulary[n].isalpha()][
        :SHOWN
    ]
    return Figure("word_map", {"vectors": table(view)[chosen], "words": [vocabulary[n] for n in chosen]})


def neighbours(view: View, *, count: int = 8, words: str = "") -> Mapping[str, str]:
    """`dlcv.sample --what=neighbours --option=words="one other"`: the nearest words of each, by default of 20 frequent ones.

    Raises Misuse for a word outside the vocabulary.
    """
    known, vocabulary = numbers(view), view.info["vocabulary"]
    asked = (
        words.split() or [word for word in vocabulary[len(SPECIALS) + 40 :] if len(word) > 3 and word.isalpha()][:20]
    )
    lines = []
    for word in asked:
        if word not in known:
            raise unknown("word", word, known)
        near = word_vectors.neighbours(table(view), known[word], count)
        lines.append(f"{word}: {', '.join(f'{vocabulary[other]} {cosine:.2f}' for other, cosine in near)}")
    return {"neighbours": "\n".join(lines)}


def vectors_of(view: View, *, count: int = 0) -> Mapping[str, Mapping[str, np.ndarray]]:
    """`dlcv.sample --what=vectors`: the first `count` words (0: all) with their vectors, as arrays."""
    vectors = table(view)
    count = count or len(vectors)
    return {"vectors": {"vectors": vectors[:count], "words": np.array(view.info["vocabulary"][:count])}}
