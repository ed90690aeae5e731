"""The task of the Transformer: its pictures show the weights the network gave, tables are shared where there is one vocabulary."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from dlcv import data
from dlcv.engine import catalogue
from dlcv.engine.optim import schedule
from dlcv.engine.task import Setup, View
from dlcv.errors import Misuse
from dlcv.models.net import Net
from dlcv.models.translator import translator
from dlcv.tasks import translation

OPTIONS = {"name": "number_words", "digits": 2, "train": 60, "valid": 12}


def task_of(spec, **fields):
    setup = Setup(spec.batch(4), spec.info, lambda name, updates=1: optax.sgd(0.1), 100, jnp.float32)
    return translation.make(setup, size="tiny", **fields)


@pytest.fixture(scope="module")
def view():
    loaded, task = data.load(OPTIONS, None), task_of(data.spec(OPTIONS))
    variables = jax.jit(lambda key: task.init(key, task.batch_spec))(jax.random.key(0))
    examples = loaded.splits["valid"].arrays
    outputs = {"tokens": examples["target"], "exact": np.zeros(len(examples["target"]))}
    return View(variables, {"valid": outputs}, {"valid": examples}, jax.random.key(0), loaded.info)


def test_pictures_show_the_weights_of_one_text_in_every_part(view):
    spec = data.spec(OPTIONS)
    found = task_of(spec).makers["attention"](view, text="42", beams=2)
    parts = {part["name"]: part for part in found["heads"].arrays["parts"]}
    cross, encoder, decoder = (parts[name] for name in ("cross", "encoder", "decoder"))
    assert encoder["rows"] == cross["columns"] == ["4", "2", "</s>"] and decoder["rows"][0] == "<s>"
    assert decoder["rows"][1:] == cross["rows"][:-1] and len(cross["rows"]) == len(decoder["rows"])
    for part in parts.values():
        np.testing.assert_allclose(part["weights"].sum(-1), 1, atol=1e-5)
    np.testing.assert_array_equal(np.triu(decoder["weights"][0, 0], 1), 0)
    (pair,) = [pair for pair in found["rollout"].arrays["pairs"] if pair["caption"].startswith("cross")]
    assert pair["source"] == cross["columns"] and "<!doctype html>" in found["attention.html"].lower()

    lengths = tuple(spec.batch(1)[side].shape[1] for side in ("source", "target"))
    net = Net(translator("tiny", spec.info["source_size"], spec.info["target_size"], lengths=lengths))
    tokeniser = view.info["target_tokeniser"]
    previous = jnp.asarray([[1, *(tokeniser.vocabulary.numbers[token] for token in cross["rows"][:-1])]], jnp.int32)
    source = jnp.asarray([[*view.info["source_tokeniser"].encode("42"), 2]], jnp.int32)
    (_, looks), _ = net(
        view.variables.params["model"], {}, source, jnp.array([3]), previous, return_attention=True
    )  # fmt: skip
    np.testing.assert_allclose(cross["weights"], looks.cross[0], atol=1e-5)
    with pytest.raises(Misuse, match="row=12: expected 0 to 11"):
        task_of(spec).makers["attention"](view, row=12)


def test_figures_show_a_head_each_and_their_mean(view):
    figures = task_of(data.spec(OPTIONS)).figures
    heads, (_, same, _) = figures["heads"](view).arrays["pairs"], figures["alignment"](view, count=3).arrays["pairs"]
    assert (same["source"], same["target"]) == (heads[0]["source"], heads[0]["target"])
    assert [pair["caption"] for pair in heads] == ["head 1", "head 2"]
    np.testing.assert_allclose(np.mean([pair["weights"] for pair in heads], 0), same["weights"], atol=1e-6)


def test_the_papers_rate_is_its_equation():
    """d^-0.5 min(t^-0.5, t warmup^-1.5): Vaswani et al., section 5.3."""
    config = catalogue.load("experiments/attention/transformer_translation.py:paper")
    rate, at = schedule(config.optimizer, config.steps), np.array([1, 100, 4000, 4001, 20_000, 100_000])
    np.testing.assert_allclose([rate(t) for t in at], 512**-0.5 * np.minimum(at**-0.5, at * 4000**-1.5), rtol=1e-4)


def test_one_table_needs_one_vocabulary(tmp_path):
    file = tmp_path / "pairs.tsv"
    file.write_text("one two\teins zwei\n" * 4, encoding="utf-8")
    options = {"name": "tab_pairs", "path": str(file), "width": 8}
    with pytest.raises(Misuse, match=r"needs one vocabulary for both sides: data\.joint=True"):
        task_of(data.spec(options), sharing="all")
    task = task_of(data.spec({**options, "joint": True}), sharing="all")
    params = jax.eval_shape(lambda key: task.init(key, task.batch_spec), jax.random.key(0)).params["model"]
    assert set(params) == {"embed", "encoder", "decoder"} and params["embed"]["tokens"].shape[0] == 4 + 4
