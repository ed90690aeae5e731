"""Encoder, decoder and attention: padding changes nothing, the whole equals its steps, guesses replace truth, sizes as counted."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models import seq2seq as models
from dlcv.models.aligned import ATTENTIONS
from dlcv.models.net import Net
from dlcv.models.seq2seq import attention_parameters, every_state_parameters, seq2seq

B, S, T, V = 3, 6, 4, 9
RNG = np.random.default_rng(0)
SOURCE = jnp.asarray(RNG.integers(4, V, (B, S)), jnp.int32)
LENGTHS = jnp.array([6, 3, 1])
PREVIOUS = jnp.asarray(RNG.integers(4, V, (B, T)), jnp.int32)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setitem(models.SIZES, "tiny", models.Seq2SeqSize(8, 1, 6))
    monkeypatch.setitem(models.SIZES, "deep", models.Seq2SeqSize(8, 2, 6))


def net_of(size="tiny", **fields):
    net = Net(seq2seq(size, V, V, places=S, **fields))
    params, _ = jax.jit(lambda key: net.init(key, SOURCE, LENGTHS, PREVIOUS, train=False))(jax.random.key(1))
    return net, jax.tree.map(lambda x: 2 * x, params)  # farther from zero, where attention would be even


def size_of(**fields) -> int:
    net = Net(seq2seq("tiny", V, V, places=S, **fields))
    shapes = jax.eval_shape(lambda key: net.init(key, SOURCE, LENGTHS, PREVIOUS, train=False)[0], jax.random.key(0))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes))


def jitted(net, params):
    """(encode, step) of a network, compiled."""
    encode = jax.jit(lambda source, lengths: net(params, {}, source, lengths, method="encode")[0])
    return encode, jax.jit(lambda carry, token, memory: net(params, {}, carry, token, memory, method="step")[0])


@pytest.mark.parametrize(
    "fields",
    [
        dict(),
        dict(attention="general", span="monotonic", reach=1, size="deep"),
        *(
            pytest.param(fields, marks=pytest.mark.all)
            for fields in (
                dict(attention="dot", direction="reversed", feeding=False),
                dict(attention="last", direction="forward", cell="gru"),
                dict(attention="location", span="predictive", reach=2),
                dict(attention="none", feeding=False),
            )
        ),
    ],
    ids=lambda fields: "-".join(map(str, fields.values())) or "default",
)  # fmt: skip
def test_padding_changes_nothing_and_the_whole_equals_its_steps(fields):
    net, params = net_of(**fields)
    whole = jax.jit(lambda source, lengths, previous: net(params, {}, source, lengths, previous)[0])
    logits, weights = whole(SOURCE, LENGTHS, PREVIOUS)
    other = jnp.where(jnp.arange(S) < LENGTHS[:, None], SOURCE, 7)
    np.testing.assert_allclose(whole(other, LENGTHS, PREVIOUS)[0], logits, atol=1e-6)
    encode, step = jitted(net, params)
    memory, carry = encode(SOURCE, LENGTHS)
    for time in range(T):
        carry, (step_logits, step_weights) = step(carry, PREVIOUS[:, time], memory)
        np.testing.assert_allclose(step_logits, logits[:, time], atol=1e-5)
        if weights is not None:
            np.testing.assert_allclose(step_weights, weights[:, time], atol=1e-6)
    if weights is not None:
        padding = np.arange(S) >= np.asarray(LENGTHS)[:, None]
        assert (np.asarray(weights).swapaxes(1, 2)[padding] == 0).all()
        total = np.asarray(weights.sum(-1))
        assert (total <= 1 + 1e-5).all() and (fields.get("span") == "predictive" or np.allclose(total, 1, atol=1e-5))


def test_an_attentional_step_equals_its_formula():
    """softmax of h . states, their mean c, and tanh(W [c; h] + b), on the network's own cell."""
    net, params = net_of(attention="dot", feeding=False)
    encode, step = jitted(net, params)
    memory, carry = encode(SOURCE, LENGTHS)
    after, (logits, weights) = step(carry, PREVIOUS[:, 0], memory)
    h, states, decoder = (np.asarray(after["cells"]["layer_0"].h_BH), np.asarray(memory.states_BMH), params["decoder"])
    for row, length in enumerate(LENGTHS.tolist()):
        scores = states[row, :length] @ h[row]
        share = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(weights[row, :length], share, atol=1e-5)
        joined = np.concatenate([share @ states[row, :length], h[row]])
        features = np.tanh(joined @ decoder["combine"]["kernel"] + decoder["combine"]["bias"])
        np.testing.assert_allclose(
            logits[row], features @ decoder["head"]["kernel"] + decoder["head"]["bias"], atol=1e-4
        )


def test_where_truth_is_not_shown_the_decoder_sees_its_own_guess():
    net, params = net_of()
    run = jax.jit(lambda previous, shown: net(params, {}, SOURCE, LENGTHS, previous, shown)[0][0])
    told = jax.jit(lambda previous: net(params, {}, SOURCE, LENGTHS, previous)[0][0])
    np.testing.assert_allclose(run(PREVIOUS, jnp.ones((B, T), bool)), told(PREVIOUS), atol=1e-5)
    free = jnp.zeros((B, T), bool).at[:, 0].set(True)
    logits = run(PREVIOUS, free)
    np.testing.assert_allclose(run(PREVIOUS.at[:, 1:].set(5), free), logits, atol=1e-6)
    guesses = jnp.concatenate([PREVIOUS[:, :1], logits[:, :-1].argmax(-1).astype(jnp.int32)], 1)
    np.testing.assert_allclose(told(guesses), logits, atol=1e-5)


def test_a_reversed_source_is_read_from_its_own_end():
    """A source of length L read in reverse leaves the carry of the mirrored source read forward."""
    net, params = net_of(direction="reversed", attention="none")
    forward = Net(seq2seq("tiny", V, V, places=S, direction="forward", attention="none"))
    mirrored = jnp.asarray(
        [[*row[:n][::-1], *row[n:]] for row, n in zip(SOURCE.tolist(), LENGTHS.tolist(), strict=True)]
    )
    carries = [
        n(params, {}, x, LENGTHS, method="encode")[0][1]["cells"] for n, x in ((net, SOURCE), (forward, mirrored))
    ]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), *carries)


def test_attention_costs_what_is_counted_and_does_not_grow_with_the_lengths():
    plain = size_of(attention="dot")
    for score in ("additive", "scaled_dot", "general", "location"):
        assert size_of(attention=score) - plain == attention_parameters(8, score, places=S), score
    # A matrix from each of S states to each of T steps: S T blocks of H x H.
    width = 4
    blocks = [np.zeros((width, width)) for _ in range(S) for _ in range(T)]
    assert every_state_parameters(S, T, width) == sum(block.size for block in blocks)
    assert every_state_parameters(50, 50, 1000) == 2_500_000_000 and attention_parameters(1000) == 2_002_000


def test_unknown_choices_are_refused():
    for fields, said in (
        (dict(attention="dots"), "unknown attention of seq2seq 'dots'"), (dict(direction="back"), "direction"), (dict(cell="lst"), "cell"),
        (dict(attention="last", span="monotonic"), "needs a score to attend by"),
    ):  # fmt: skip
        with pytest.raises(Misuse, match=said):
            seq2seq("tiny", V, V, **fields)
    assert set(ATTENTIONS) == {"none", "last", "additive", "dot", "scaled_dot", "general", "location"}
