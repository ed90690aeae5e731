"""The VAE of token sequences: what the decoder may see, what a code decides, what is written."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.engine import config as configs
from dlcv.engine.experiment import make_task
from dlcv.engine.step import init_state
from dlcv.errors import Misuse
from dlcv.models.net import Net
from dlcv.models.sequence_vae import SequenceDecoder, SequenceEncoder, SequenceSize
from dlcv.tasks.sequence_vae import SequenceVae

KEY = jax.random.key(0)
VOCABULARY = tuple("abcde \n")
SIZE = SequenceSize(8, 4)
TOKENS = jax.random.randint(jax.random.key(3), (2, 6), 0, len(VOCABULARY))


@pytest.fixture(scope="module")
def model():
    return SequenceVae(Net(SequenceEncoder(SIZE, 7, 6)), Net(SequenceDecoder(SIZE, 7)), 3, VOCABULARY, 6)


@pytest.fixture(scope="module")
def params(model):
    hidden = jnp.zeros((1, 1), bool)
    decoder, _ = model.decoder.init(KEY, jnp.zeros((1, 3)), TOKENS[:1, :1], hidden, train=False)
    return {"encoder": model.encoder.init(KEY, TOKENS[:1], train=False)[0], "decoder": decoder}


def test_a_token_is_told_from_the_code_and_those_before_alone(model, params):
    z = jnp.ones((2, 3))
    nats, _ = model.nats(params, TOKENS, z)
    other = TOKENS.at[:, 3].set((TOKENS[:, 3] + 1) % 7)
    changed, _ = model.nats(params, other, z)
    same = np.asarray(nats == changed).all(0)
    assert same.tolist()[:3] == [True] * 3 and not same[3:].any()
    assert (np.asarray(model.nats(params, TOKENS, -z)[0] != nats)).all()


def test_dropped_words_leave_the_code_alone_to_tell(model, params):
    z = jnp.ones((2, 3))
    other = (TOKENS + 1) % 7
    logits = [
        model.decoder(params["decoder"], {}, z, shown, jnp.ones(TOKENS.shape, bool))[0][0] for shown in (TOKENS, other)
    ]
    np.testing.assert_array_equal(*logits)
    assert (
        np.asarray(model.nats(params, TOKENS, z, KEY, 0.5)[0]) != np.asarray(model.nats(params, TOKENS, z)[0])
    ).any()


def test_the_most_likely_window_is_what_step_by_step_decoding_gives(model, params):
    """Fed its own output in one call, the decoder's most likely tokens are the ones it was fed."""
    z = jax.random.normal(KEY, (2, 3))
    written = model.write(params, z, KEY, 0.0)
    assert written.shape == (2, 6)
    _, right = model.nats(params, written, z)
    np.testing.assert_array_equal(right, 1)


def test_sentences_are_walked_between_and_strange_characters_named():
    config = configs.experiment(
        task="sequence_vae", task_kw=dict(size="tiny", codes=2), batch_size=2, data=dict(name="prose", length=8)
    )
    task = make_task(config)
    variables = init_state(task, KEY).variables
    made = task.sample(variables, KEY, 3, steps=4)
    assert len(made["text"].splitlines()) == 3 and len(made["walk"].splitlines()) == 6

    with pytest.raises(Misuse, match="outside the vocabulary: 'é'"):
        task.sample(variables, KEY, 1, first="café")
    with pytest.raises(Misuse, match="temperature"):
        task.sample(variables, KEY, 1, temperature=-1)
