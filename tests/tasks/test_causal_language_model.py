"""Causal and prefix language models: what they are asked, what is drawn from them, what is shown."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.engine.task import View
from dlcv.errors import Misuse
from dlcv.language.alphabet import Alphabet
from dlcv.language.byte_level import learnt
from dlcv.models.gpt import gpt
from dlcv.tasks.causal_language_model import context_figure, whole_window, writer
from dlcv.tasks.continuing import continued
from dlcv.tasks.prefix_language_model import after_a_prefix

PROSE = dict(name="windows", of=dict(name="prose", length=12))
TOKENS = jnp.asarray(np.random.default_rng(0).integers(0, 96, (3, 13)), jnp.int32)


def task_of(task="causal_language_model", **task_kw):
    return make_task(configs.experiment(task=task, task_kw=dict(size="tiny", **task_kw), batch_size=2, data=PROSE))


def begun(task):
    return jax.jit(lambda key: task.init(key, task.batch_spec))(jax.random.key(0))


@pytest.fixture(scope="module")
def causal():
    task = task_of()
    return task, begun(task)


def test_nats_are_those_of_each_next_token(causal):
    task, variables = causal
    outputs = jax.jit(task.predict)(variables, {"tokens": TOKENS}, jax.random.key(0))
    model = gpt("tiny", 96, length=12)
    logits, _ = model.apply({"params": variables.params["model"]}, TOKENS[:, :-1], train=False)
    expected = -np.take_along_axis(np.asarray(jax.nn.log_softmax(logits)), np.asarray(TOKENS)[:, 1:, None], 2)[..., 0]
    np.testing.assert_allclose(outputs["nats"], expected, atol=1e-4)
    loss, _ = task.players[0].loss(variables.params, {}, {}, {"tokens": TOKENS}, jax.random.key(1), 0)
    assert float(loss.value) == pytest.approx(expected.mean(), abs=1e-4) and float(loss.weight) == 36
    bits, weights = task.metrics["bits"].value(outputs, {})
    assert task.metrics["bits"].final(float(bits.mean())) == pytest.approx(expected.mean() / np.log(2), rel=1e-4)
    assert (weights == 1).all()


def test_only_what_follows_the_prefix_is_asked_for():
    prefix, weights = after_a_prefix(TOKENS, None)
    np.testing.assert_array_equal(prefix, 6)
    np.testing.assert_array_equal(weights, np.broadcast_to(np.arange(12) >= 5, (3, 12)))  # place 5 tells token 6
    drawn, weights = after_a_prefix(jnp.zeros((500, 13), jnp.int32), jax.random.key(0))
    assert set(np.asarray(drawn)) == set(range(1, 13))
    np.testing.assert_array_equal(weights.sum(1), 13 - drawn)
    assert whole_window(TOKENS, None)[0] is None


def test_a_prefix_model_never_sees_what_it_is_asked():
    """Tokens from a place on change no nats that are asked for before it; those of the prefix change all."""
    task = task_of("prefix_language_model")
    variables, predict = begun(task), jax.jit(task.predict)
    before = predict(variables, {"tokens": TOKENS}, jax.random.key(0))
    later = predict(variables, {"tokens": TOKENS.at[:, 9:].set(0)}, jax.random.key(0))
    asked = np.asarray(before["weight"][0] > 0)
    np.testing.assert_array_equal(before["nats"][:, 5:8], later["nats"][:, 5:8])
    assert asked.sum() == 7 and not asked[:5].any()
    earlier = predict(variables, {"tokens": TOKENS.at[:, 2].set(0)}, jax.random.key(0))
    assert (np.abs(before["nats"] - earlier["nats"])[:, 5:] > 0).all()
    causal = task_of("prefix_language_model", mask="causal")
    told = jax.jit(causal.predict)(variables, {"tokens": TOKENS}, jax.random.key(0))
    np.testing.assert_array_equal(told["weight"], before["weight"])
    assert np.abs(told["nats"] - before["nats"]).max() > 1e-4


def test_text_is_drawn_on_the_cache_under_filters_from_prompts_of_any_length(causal):
    task, variables = causal

    def text(count=1, **options):
        return task.sample(variables, jax.random.key(1), count, length=7, **options)["text"]

    greedy = text(temperature=0.0, prefix="The ")
    assert greedy.startswith("The ") and len(greedy) == 11
    assert text(k=1, prefix="The ") == greedy == text(p=1e-6, prefix="The ")
    several = text(temperature=0.0, prefix=("The ", "a", "To b")).split(f"\n{'-' * 40}\n")
    alone = [text(temperature=0.0, prefix=prefix) for prefix in ("The ", "a", "To b")]
    assert text(temperature=5.0, prefix="The ") != greedy
    assert several == alone and several[0] == greedy  # neither the order nor the company of prompts changes them


def test_what_is_drawn_is_what_the_whole_model_says_also_past_its_places():
    """Greedy tokens by the cache equal those of the whole text, token by token; a text that is full goes on from its last half."""
    model = gpt("tiny", 9, length=8)
    params = model.init(jax.random.key(3), jnp.zeros((1, 1), jnp.int32), train=False)["params"]
    params = jax.tree.map(lambda leaf: 5 * leaf, params)
    prompts = np.array([[1, 2, 3], [4, 5, 6]])
    found = continued(writer(model), params, prompts, jax.random.key(0), 15, temperature=0.0)
    scores = jax.jit(lambda tokens: model.apply({"params": params}, tokens, train=False)[0])
    text, begin = prompts, 0
    for place in range(15):
        if text.shape[1] - begin > 8:  # full: read again from the last four
            begin = text.shape[1] - 4
        window = text[:, begin:]
        padded = np.pad(window, ((0, 0), (0, 8 - window.shape[1])))
        token = np.asarray(scores(jnp.asarray(padded)))[:, window.shape[1] - 1].argmax(-1)
        np.testing.assert_array_equal(found[:, place], token, err_msg=str(place))
        text = np.concatenate([text, token[:, None]], 1)
    assert len(np.unique(found)) > 2


def test_blocks_are_skipped_in_training_alone(causal):
    plain, variables = causal
    task, batch = task_of(stochastic_depth=0.5), {"tokens": TOKENS}

    def losses(task):
        loss = jax.jit(lambda key: task.players[0].loss(variables.params, {}, {}, batch, key, 0)[0].value)
        return [float(loss(jax.random.key(seed))) for seed in range(4)]

    assert len(set(losses(plain))) == 1 and len(set(losses(task))) > 1
    found, whole = (jax.jit(each.predict)(variables, batch, jax.random.key(0))["nats"] for each in (task, plain))
    np.testing.assert_array_equal(found, whole)


def test_places_beside_tokens_need_scores_of_their_own():
    with pytest.raises(Misuse, match="tied=False"):
        task_of(combine="concatenate")
    task = task_of(combine="concatenate", tied=False)
    variables = begun(task)
    embedding = variables.params["model"]["embedding"]
    assert embedding["tokens"].shape == (96, 16) and embedding["positions"].shape == (12, 16)
    model = gpt("tiny", 96, length=12, combine="concatenate", tied=False)
    logits, _ = model.apply({"params": variables.params["model"]}, TOKENS[:, :-1], train=False)
    found = jax.jit(task.predict)(variables, {"tokens": TOKENS}, jax.random.key(0))["correct"]
    np.testing.assert_array_equal(found, logits.argmax(-1) == TOKENS[:, 1:])
    prompts = np.asarray(TOKENS[:, :4])
    made = continued(writer(model), variables.params["model"], prompts, jax.random.key(0), 1, temperature=0.0)
    np.testing.assert_array_equal(made[:, 0], logits[:, 3].argmax(-1))


def test_the_context_figure_is_the_mean_at_each_place_under_mask_and_weights():
    nats = np.array([[1.0, 2.0, 4.0], [3.0, 6.0, 8.0]])
    outputs = {"valid": {"nats": nats, "weight": np.array([[0, 1, 1], [0, 1, 1]])}}
    examples = {"valid": {"mask": np.array([[True, True, True], [True, True, False]])}}
    arms = context_figure(View(None, outputs, examples, None)).arrays["arms"]
    np.testing.assert_array_equal(arms["valid"], [np.nan, 4.0, 4.0])


def test_pieces_and_characters_are_written_and_their_attention_is_shown():
    tokeniser = learnt(["a whale, a whale"] * 3, 262)
    data = dict(name="windows", of=dict(name="byte_pairs", of=dict(name="prose"), size=len(tokeniser), length=8))
    task = make_task(
        configs.experiment(task="causal_language_model", task_kw=dict(size="tiny"), batch_size=2, data=data)
    )
    assert task.sample is None and set(task.makers) == {"attention", "text"}
    examples = {"valid": {"tokens": np.resize(tokeniser.encode("a whale, a"), (2, 9))}}
    view = View(begun(task), {}, examples, jax.random.key(0), {"tokeniser": tokeniser})
    text = task.makers["text"](view, count=1, length=5, prefix="a whale", temperature=0.0)["text"]
    assert text.startswith("a whale")
    shown = task.makers["attention"](view, text="a whale")
    (part,) = shown["heads"].arrays["parts"]
    assert part["rows"] == [tokeniser.written(token) for token in tokeniser.encode("a whale")]
    np.testing.assert_allclose(part["weights"].sum(-1), 1, rtol=1e-5)
    assert (part["weights"][..., 0, 1:] == 0).all() and set(shown) == {"attention.html", "heads", "rollout"}
    (part,) = task.makers["attention"](view, length=3)["heads"].arrays["parts"]
    assert part["rows"] == [tokeniser.written(token) for token in examples["valid"]["tokens"][0, :3]]
    count = len(tokeniser.encode("a whale" * 9))
    with pytest.raises(Misuse, match=f"has {count} tokens: expected at most 8, the places of the model"):
        task.makers["attention"](view, text="a whale" * 9)


def test_a_text_with_a_place_for_each_token_is_shown_whole():
    task = make_task(
        configs.experiment(
            task="causal_language_model", task_kw=dict(size="tiny"), batch_size=2,
            data=dict(name="windows", of=dict(name="prose", length=60)),
        )
    )  # fmt: skip
    view = View(begun(task), {}, {}, jax.random.key(0), {"vocabulary": tuple("abc")})
    (part,) = task.makers["attention"](view, text="abc" * 19)["heads"].arrays["parts"]
    assert part["rows"] == [*"abc" * 19]


def test_misuse_is_named(causal):
    task, variables = causal
    for options, message in (
        (dict(k=-1), "k=-1"), (dict(p=0.0), "p=0.0"), (dict(prefix="é"), "é"), (dict(prefix=("a", "")), "not empty"),
    ):  # fmt: skip
        with pytest.raises(Misuse, match=message):
            task.sample(variables, jax.random.key(0), 1, **options)
    with pytest.raises(Misuse, match="did you mean 'prefix'"):
        task_of("prefix_language_model", mask="prefx")
    with pytest.raises(Misuse, match="outside the vocabulary: 'c'"):
        Alphabet(("a", "b")).encode("abc")
