"""Word models: the bag knows no order, the network does; a state handed on equals one longer text."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.errors import Misuse
from dlcv.models.net import Net
from dlcv.models.word_model import BagOfWords, WordModel, WordSize

TOKENS = jnp.asarray(np.random.default_rng(0).integers(4, 12, (3, 9)), jnp.int32)
BAG, LSTM = BagOfWords(12, 6, 4), WordModel(WordSize(1, 6), 12)
TIED = WordModel(WordSize(1, 6), 12, tied=True)


def begun(module):
    net = Net(module)
    params, _ = net.init(jax.random.key(0), TOKENS[:1, :1], module.initial_carry(1), train=False)

    @jax.jit
    def logits(tokens, carry):
        (logits_BTV, (carry, _)), _ = net(params, {}, tokens, carry)
        return logits_BTV, carry

    return logits, params


@pytest.mark.parametrize("module", [BAG, LSTM, TIED])
def test_a_state_handed_on_equals_one_longer_text(module):
    logits, _ = begun(module)
    whole, _ = logits(TOKENS, module.initial_carry(3))
    first, carry = logits(TOKENS[:, :2], module.initial_carry(3))
    second, _ = logits(TOKENS[:, 2:], carry)
    np.testing.assert_allclose(jnp.concatenate([first, second], 1), whole, atol=1e-5)


@pytest.mark.parametrize("module", [BAG, LSTM])
def test_nothing_is_seen_of_words_to_come(module):
    logits, _ = begun(module)
    other = TOKENS.at[:, 5:].set(4)
    before, after = (logits(tokens, module.initial_carry(3))[0] for tokens in (TOKENS, other))
    np.testing.assert_array_equal(before[:, :5], after[:, :5])
    assert not np.allclose(before[:, 5:], after[:, 5:])


def test_the_bag_is_the_mean_vector_of_its_window():
    logits, params = begun(BAG)
    table, head = params["embed"]["embedding"], params["head"]
    found, _ = logits(TOKENS, BAG.initial_carry(3))
    for t in range(9):
        mean = table[TOKENS[:, max(0, t - 3) : t + 1]].mean(1)
        np.testing.assert_allclose(found[:, t], mean @ head["kernel"] + head["bias"], atol=1e-5)


def test_the_order_of_the_window_is_lost_to_the_bag_alone():
    swapped = TOKENS[:, jnp.array([0, 1, 2, 3, 4, 7, 5, 8, 6])]  # the last four words in another order
    assert (TOKENS[:, 5] != TOKENS[:, 7]).any()
    changes = {}
    for name, module in {"bag": BAG, "lstm": LSTM}.items():
        logits, _ = begun(module)
        one, other = (logits(tokens, module.initial_carry(3))[0][:, -1] for tokens in (TOKENS, swapped))
        changes[name] = float(jnp.abs(one - other).max())
    assert changes["bag"] < 1e-6 < 1e-3 < changes["lstm"]


def test_tied_words_are_scored_by_the_vectors_they_are_read_as():
    net, params = Net(TIED), begun(TIED)[1]
    assert sorted(params) == ["bias", "embed", "recurrent"]
    params["bias"] = jnp.arange(12.0)
    (logits_BTV, (_, aux)), _ = net(params, {}, TOKENS, TIED.initial_carry(3))
    wanted = aux["features"] @ params["embed"]["embedding"].T + params["bias"]
    np.testing.assert_allclose(logits_BTV, wanted, atol=1e-5)


def test_misuse_is_named():
    def make(data="prose_words", **task_kw):
        return make_task(configs.experiment(task="word_model", task_kw=task_kw, data=dict(name=data)))

    with pytest.raises(Misuse, match="unknown network 'bag'"):
        make(network="bag")
    with pytest.raises(Misuse, match="unknown word model size 'huge'"):
        make(size="huge")
    with pytest.raises(Misuse, match="not one of words"):
        make(data="prose")
