"""Word vectors as a task: shapes of both models, scores of what the data brings, neighbours by name."""

import jax
import numpy as np
import pytest

from dlcv import data
from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.engine.task import Variables, View
from dlcv.errors import Misuse
from dlcv.tasks.word2vec import analogies_score, neighbours, similarity_score, vectors_of

WORDS = ("<pad>", "<s>", "</s>", "<unk>", "king", "queen", "man", "woman", *(f"word{i}" for i in range(12)))


def view(**info) -> View:
    vectors = np.random.default_rng(0).normal(size=(30, 5))  # more rows than words
    vectors[5] = vectors[4] + vectors[7] - vectors[6]
    return View(Variables({"model": {"input": vectors}}), {}, {}, jax.random.key(0), {"vocabulary": WORDS, **info})


@pytest.mark.parametrize(("model", "contexts"), [("skip_gram", 1), ("cbow", 6)])
def test_each_model_costs_what_telling_by_chance_costs_at_first(model, contexts):
    """log 2 for the word and for each noise word that is not the word itself: output vectors begin at 0."""
    options = dict(name="word_windows", model=model, window=3, negatives=4, limit=200, size=300)
    task = make_task(configs.experiment(task="word2vec", task_kw=dict(width=8), batch_size=6, data=options))
    batch = data.load(options, None).train.indices(0, 0, 6)
    assert {name: array.shape for name, array in batch.items()} == {
        "word": (6,), "context": (6, contexts), "negatives": (6, 4)
    }  # fmt: skip
    variables = task.init(jax.random.key(0), task.batch_spec)
    others = (batch["negatives"] != batch["word"][:, None]).sum(1)
    np.testing.assert_allclose(task.predict(variables, batch, None)["nats"], np.log(2) * (1 + others), rtol=1e-5)


def test_scores_are_of_the_sets_that_the_data_brings():
    assert similarity_score(view()) == {} == analogies_score(view())
    pairs = tuple((f"word{i}", f"word{j}", float(i * j)) for i in range(4) for j in range(4, 8))
    analogies = {"family": (("man", "king", "woman", "queen"), ("man", "king", "woman", "unheard"))}
    judged = view(similarity={"few": pairs[:5], "one": pairs, "other": pairs[:12]}, analogies=analogies)
    found = similarity_score(judged)
    assert set(found) == {"mean", "one", "other"}
    assert found["mean"] == pytest.approx((16 * found["one"] + 12 * found["other"]) / 28)
    assert analogies_score(judged) == {"solved": 1.0}


def test_neighbours_and_vectors_are_given_by_name():
    line = neighbours(view(), count=2, words="king queen")["neighbours"].splitlines()
    assert line[0].startswith("king: ") and line[0].count(",") == 1 and len(line) == 2
    given = vectors_of(view())["vectors"]
    assert given["vectors"].shape == (20, 5) and tuple(given["words"]) == WORDS
    with pytest.raises(Misuse, match="unknown word 'quen'"):
        neighbours(view(), words="quen")


def test_data_without_noise_words_is_refused():
    with pytest.raises(Misuse, match="no noise words"):
        make_task(configs.experiment(task="word2vec", data=dict(name="prose_words")))
