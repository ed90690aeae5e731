"""Words with the words around them and noise words, for word2vec: each pass over the text thinned and cut anew.

`corpus` is prose (embedded), ptb or war_and_peace; `model` is skip_gram (a context is one word) or cbow (up to 2 `window` words). With
`judged`, the info holds the word similarity sets and analogies in <data_dir>/word_eval/.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

import jax
import numpy as np
from jaxtyping import Float, Int

from dlcv.data.images import check
from dlcv.data.source import Data, Examples, Spec
from dlcv.data.word_corpora import corpus as read_corpus
from dlcv.data.word_eval import word_eval
from dlcv.data.word_streams import stream
from dlcv.errors import Misuse
from dlcv.language import windows
from dlcv.language.vocabulary import counted

HELD_OUT = 20_000  # windows of valid, at most


@dataclass(frozen=True, eq=False)
class Windows:
    """Passes over a text without end: batch `step` is the same for equal seeds, whatever was read before."""

    tokens: Int[np.ndarray, "N"]
    kept_V: Float[np.ndarray, "V"]
    noise_V: Float[np.ndarray, "V"]
    model: str
    window: int
    negatives: int
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)  # none: batches are made on the host

    def indices(self, seed: int, step: int, batch_size: int) -> dict[str, np.ndarray]:
        """The batch itself: `word` [B], `context` [B, C] padded with 0, `negatives` [B, K]."""
        first, epoch, parts, missing = step * batch_size, 0, [], batch_size
        while first >= (size := _size(self, seed, epoch)):
            first, epoch = first - size, epoch + 1
        while missing:
            words, contexts = _pass(self, seed, epoch)
            parts.append((words[first : first + missing], contexts[first : first + missing]))
            missing -= len(parts[-1][0])
            first, epoch = 0, epoch + 1
        rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, step, 1])))
        drawn = self.noise_V.searchsorted(rng.random((batch_size, self.negatives)), side="right")
        word, context = (np.concatenate(column) for column in zip(*parts, strict=True))
        return {"word": word, "context": context, "negatives": drawn.astype(np.int32)}

    def gather(self, arrays, indices):
        return indices


@lru_cache(maxsize=6)
def _pass(source: Windows, seed: int, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, epoch])))
    return windows.MODELS[source.model](source.tokens, source.kept_V, source.window, rng)


@lru_cache(maxsize=1024)
def _size(source: Windows, seed: int, epoch: int) -> int:
    return len(_pass(source, seed, epoch)[0])


def spec(
    *, corpus: str = "prose", model: str = "skip_gram", window: int = 5, negatives: int = 5, sample: float = 1e-3, minimum: int = 5,
    size: int = 2500, limit: int | None = None, judged: bool = False,
) -> Spec:  # fmt: skip
    """One window: `word`, `context` [1] or [2 window], `negatives` [negatives] of a vocabulary of at most `size`."""
    del limit, judged
    check("model", model, tuple(windows.MODELS))
    if min(window, negatives, minimum) < 1 or not 0 <= sample < 1:
        raise Misuse(
            f"{window=}, {negatives=}, {minimum=}, {sample=}: expected at least 1 each, and a share from 0 to 1"
        )
    shapes = {"word": (), "context": (2 * window if model == "cbow" else 1,), "negatives": (negatives,)}
    return Spec({name: jax.ShapeDtypeStruct(shape, np.int32) for name, shape in shapes.items()}, {"size": size})


def load(
    *, data_dir: str | None = None, corpus: str = "prose", model: str = "skip_gram", window: int = 5, negatives: int = 5,
    sample: float = 1e-3, minimum: int = 5, size: int = 2500, limit: int | None = None, judged: bool = False,
) -> Data:  # fmt: skip
    """Windows of the train sentences (the first `limit`); valid is one pass over the valid ones. Words rarer than `minimum` are left out."""
    chosen = spec(
        corpus=corpus, model=model, window=window, negatives=negatives, sample=sample, minimum=minimum, size=size
    )
    found = read_corpus(corpus, data_dir)
    sentences = {split: found.splits[split][:limit] for split in ("train", "valid")}
    vocabulary = counted(chain.from_iterable(sentences["train"]), size=size, minimum=minimum)
    tokens = {split: stream(lines, vocabulary) for split, lines in sentences.items()}
    counts = windows.occurrences(tokens["train"], len(vocabulary))
    train, valid = (
        Windows(row, windows.kept(counts, sample), windows.noise(counts), model, window, negatives)
        for row in tokens.values()
    )
    held_out = valid.indices(0, 0, min(HELD_OUT, _size(valid, 0, 0)))
    facts = {"words": int(counts.sum()), "vocabulary": len(vocabulary), "windows_a_pass": _size(train, 0, 0)}
    info: dict[str, Any] = {"vocabulary": vocabulary.tokens, "counts": counts}
    return Data(
        train=train, splits={"valid": Examples(held_out, "word_windows")}, facts={"data": "word_windows", **facts, **found.facts},
        info={**chosen.info, **info, **(word_eval(data_dir) if judged else {})},
    )  # fmt: skip
