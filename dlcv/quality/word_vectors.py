"""What word vectors know: judgements of similarity by rank correlation, analogies by 3CosAdd, nearest neighbours by the cosine."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

FEWEST = 10  # pairs below which a correlation says nothing


def unit(vectors_VD: Float[np.ndarray, "V D"]) -> Float[np.ndarray, "V D"]:
    """Vectors of length 1; a zero vector stays."""
    return vectors_VD / np.maximum(np.linalg.norm(vectors_VD, axis=1, keepdims=True), 1e-12)


def spearman(x_N: Float[np.ndarray, "N"], y_N: Float[np.ndarray, "N"]) -> float:
    """Rank correlation; equal values share the mean of their ranks. Spearman, "The Proof and Measurement of Association", 1904."""
    return float(np.corrcoef(rankdata(x_N), rankdata(y_N))[0, 1])


def similarities(
    vectors_VD: Float[np.ndarray, "V D"], words: Mapping[str, int], sets: Mapping[str, Sequence[tuple[str, str, float]]]
) -> dict[str, tuple[float, int]]:
    """{set: (rank correlation of cosine and judgement, pairs)} over the pairs of known words; sets with fewer than 10 are left out."""
    unit_VD, found = unit(vectors_VD), {}
    for name, rows in sets.items():
        known = [(words[one], words[other], score) for one, other, score in rows if one in words and other in words]
        if len(known) >= FEWEST:
            one, other, score = map(np.array, zip(*known, strict=True))
            found[name] = spearman((unit_VD[one] * unit_VD[other]).sum(1), score), len(known)
    return found


def analogies(
    vectors_VD: Float[np.ndarray, "V D"],
    words: Mapping[str, int],
    sections: Mapping[str, Sequence[tuple[str, str, str, str]]],
) -> dict[str, tuple[float, int]]:
    """{section: (share solved, questions)} of "a is to b as c is to d", the word nearest to b - a + c that is none of them.

    Over questions of known words; sections without any are left out. 3CosAdd: Mikolov, Yih and Zweig, "Linguistic Regularities in
    Continuous Space Word Representations", 2013; the name: Levy and Goldberg, 2014.
    """
    unit_VD, found = unit(vectors_VD), {}
    for name, rows in sections.items():
        known = np.array([[words[w] for w in row] for row in rows if all(w in words for w in row)], int)
        if len(known):
            solved = [_solved(unit_VD, part) for part in np.array_split(known, -(-len(known) // 1000))]
            found[name] = float(np.concatenate(solved).mean()), len(known)
    return found


def _solved(unit_VD: np.ndarray, rows: np.ndarray) -> np.ndarray:
    a, b, c, d = rows.T
    cosines = (unit_VD[b] - unit_VD[a] + unit_VD[c]) @ unit_VD.T
    for given in (a, b, c):
        cosines[np.arange(len(rows)), given] = -np.inf
    return cosines.argmax(1) == d


def neighbours(vectors_VD: Float[np.ndarray, "V D"], word: int, count: int) -> list[tuple[int, float]]:
    """The `count` words of the largest cosine with a word, and the cosines; zero vectors are left out."""
    unit_VD = unit(vectors_VD)
    cosines = unit_VD @ unit_VD[word]
    cosines[(unit_VD == 0).all(1)] = -np.inf
    cosines[word] = -np.inf
    return [(int(other), float(cosines[other])) for other in np.argsort(-cosines)[:count]]
