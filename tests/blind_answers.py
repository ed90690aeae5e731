"""The loss of the best answer that ignores its input, of one batch of a task's examples: what a model that learns leaves well behind.

Such an answer may depend on the place it is given at, a pixel or a token's position, and is otherwise the same for every example. Below,
each function of (batch, info) says what is answered; the first ones are what they share.
"""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv.language.marked import Marks
from dlcv.language.vocabulary import PAD
from dlcv.ops import bags
from dlcv.ops.images import from_bytes, luma
from dlcv.tasks import reading

TWO_SIDES = 2 * np.log(2)  # of the non-saturating loss: half true for real and for fake


def entropy(shares) -> np.ndarray:
    """Nats of the distributions along the last axis."""
    return -(shares * np.log(np.maximum(shares, 1e-12))).sum(-1)


def entropy_of(values) -> float:
    """Nats a value, told by how often each occurs."""
    counts = np.unique(np.ravel(values), return_counts=True)[1]
    return float(entropy(counts / counts.sum()))


def entropy_by_place(rows, asked=None) -> float:
    """Nats a token of rows [B, T], told by how often each occurs at its place; of those that are asked for [B, T]."""
    asked = np.ones(np.shape(rows), bool) if asked is None else np.asarray(asked)
    columns = [column[kept] for column, kept in zip(np.asarray(rows).T, asked.T, strict=True) if kept.any()]
    return float(sum(len(column) * entropy_of(column) for column in columns) / asked.sum())


def variance(answers) -> float:
    """The squared error of the mean of answers [B, ...], itself a mean over their places."""
    return float(np.var(np.asarray(answers, np.float64), axis=0).mean())


def deviation(answers) -> float:
    """The absolute error of the median of answers [B, ...], a mean over their places."""
    answers = np.asarray(answers, np.float64)
    return float(np.abs(answers - np.median(answers, axis=0)).mean())


def nats_of_pixels(shares) -> float:
    """Nats of an image of binary pixels that are 1 with the probabilities [B, ...], a mean over images."""
    shares = np.asarray(shares, np.float64)
    return float(entropy(np.stack([shares, 1 - shares], -1)).sum() / len(shares))


def _images(batch):
    """In [-1, 1]."""
    return from_bytes(jnp.asarray(batch["image"]))


def classes(batch, info):
    return entropy_of(batch["label"])


def source_classes(batch, info):
    return entropy_of(batch["source"]["label"])


def classes_of_real_and_fake(batch, info):
    """With real and fake told apart: what is left of an auxiliary classifier's loss."""
    return 2 * entropy_of(batch["label"])


def real_or_fake(batch, info):
    return TWO_SIDES


def half_of_real_or_fake(batch, info):
    return TWO_SIDES / 2


def any_sentence(batch, info):
    """At both sizes, with fake images told: of real ones, whose sentence is right or, at half the weight, wrong in a word."""
    return 2 * (np.log(3 / 2) + np.log(3) / 2)


def mean_image(batch, info):
    return variance(_images(batch))


def median_image(batch, info):
    return deviation(_images(batch))


def _colours(batch):
    return _images(batch) - luma(_images(batch))


def mean_colours(batch, info):
    """On the grey that is given; that answers are clipped to [-1, 1] makes less than 1 % of this."""
    return variance(_colours(batch))


def median_colours(batch, info):
    """As `mean_colours`, for the absolute error."""
    return deviation(_colours(batch))


def mean_pixels(batch, info):
    """Of images whose pixels are drawn 1 with their grey value's probability."""
    return nats_of_pixels((batch["image"] / 255).mean(0, keepdims=True))


def mean_pixels_of_classes(batch, info):
    """The same of an answer that knows the image's class."""
    labels, images = batch["label"], batch["image"] / 255
    parts = [images[labels == label] for label in np.unique(labels)]
    return sum(len(part) * nats_of_pixels(part.mean(0, keepdims=True)) for part in parts) / len(labels)


def drawn_pixels(batch, info):
    """Each image's own grey values: no model is below, for pixels are drawn anew."""
    return nats_of_pixels(batch["image"] / 255)


def strings(batch, info):
    """The labels of a whole strip."""
    return entropy_of([hash(tuple(row[:length])) for row, length in zip(batch["labels"], batch["length"], strict=True)])


def told_words(batch, info):
    """A word told from noise words by itself, however often it is either."""
    words, noise = batch["word"], batch["negatives"][batch["negatives"] != batch["word"][:, None]]
    counts = np.stack([np.bincount(rows, minlength=info["size"]) for rows in (words, noise)], -1)
    counts = counts[counts.sum(-1) > 0]
    totals = counts.sum(-1, keepdims=True)
    return float((totals[:, 0] * entropy(counts / totals)).sum() / len(words))


def next_tokens(batch, info):
    return entropy_of(batch["tokens"][:, 1:])


def next_tokens_by_place(batch, info):
    return entropy_by_place(batch["tokens"][:, 1:])


def targets_by_place(batch, info):
    return entropy_by_place(batch["target"], batch["target"] != PAD)


def _words(batch, info):
    return reading.words(jax.tree.map(jnp.asarray, batch), Marks(*info["marks"]))


def words_by_place(batch, info):
    """Of a row, and whether its second sentence is the next."""
    return entropy_by_place(batch["tokens"], _words(batch, info)) + entropy_of(batch["next"])


def missing_numbers_by_place(batch, info):
    return entropy_by_place(batch["number"], batch["asked"])


def mean_number(batch, info):
    return variance(batch["target"])


def mean_bag(batch, info):
    """The squared error of a row's weighted bag of words."""
    counts = bags.counts(jnp.asarray(batch["tokens"]), _words(batch, info), info["size"])
    target = bags.weighted(counts, bags.rarity((counts > 0).sum(0) * 1.0, jnp.float32(len(counts))))[1]
    return variance(target) * target.shape[1]


def points(batch, info):
    """Nats a place of a drawing: one Gaussian for every offset, the pen by how often it is in each state at its place."""
    strokes = np.asarray(batch["strokes"], np.float64)
    drawn = np.arange(strokes.shape[1] + 1) < np.asarray(batch["length"])[:, None]
    offset = 0.5 * np.log(2 * np.pi * np.e * strokes[..., :2][drawn[:, :-1]].var(0)).sum()
    lifted = np.pad(strokes[..., 2], ((0, 0), (0, 1)))
    return float(drawn.mean() * offset) + entropy_by_place(np.where(drawn, lifted, 2))


def nothing(batch, info):
    return 0.0
