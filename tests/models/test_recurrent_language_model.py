"""The LSTM language model against torch, in two halves, and its interface."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.recurrent_language_model import RecurrentLanguageModel, Size, recurrent_language_model
from dlcv.ops.paths import map_named

SIZE, V = Size(layers=2, width=6, embedding=None), 7


def random_model(size=SIZE, **fields):
    model = RecurrentLanguageModel(size, V, **fields)
    tokens = np.random.default_rng(0).integers(0, V, (3, 10))
    params = jax.jit(lambda: model.init(jax.random.key(0), tokens, model.initial_carry(3), train=False))()["params"]
    generator = np.random.default_rng(1)
    return model, jax.tree.map(lambda p: jnp.asarray(generator.normal(size=p.shape) * 0.4, jnp.float32), params), tokens


@pytest.mark.parametrize("embedding", [None, 5])
def test_equals_torch_on_copied_weights(embedding):
    torch = pytest.importorskip("torch")
    model, params, tokens = random_model(SIZE._replace(embedding=embedding))
    inputs = torch.eye(V)[torch.tensor(tokens)]
    if embedding:
        inputs = torch.tensor(np.array(params["embed"]["embedding"]))[torch.tensor(tokens)]
    peer = torch.nn.LSTM(inputs.shape[-1], SIZE.width, num_layers=2, batch_first=True)
    for index in range(2):
        layer = params["recurrent"][f"layer_{index}"]
        flat = {"weight_ih": layer["input_kernel"], "weight_hh": layer["recurrent_kernel"]}
        for name, kernel in flat.items():
            getattr(peer, f"{name}_l{index}").data = torch.tensor(np.array(kernel).reshape(len(kernel), -1).T.copy())
        getattr(peer, f"bias_ih_l{index}").data = torch.tensor(np.array(layer["bias"]).ravel())
        getattr(peer, f"bias_hh_l{index}").data.zero_()
    with torch.no_grad():
        out, (h, c) = peer(inputs)
    apply = jax.jit(lambda p: model.apply({"params": p}, tokens, model.initial_carry(3), train=False))
    logits, (carry, aux) = apply(params)
    np.testing.assert_allclose(aux["features"], out.numpy(), atol=1e-5)
    np.testing.assert_allclose(logits, out.numpy() @ params["head"]["kernel"] + params["head"]["bias"], atol=1e-5)
    for index in range(2):
        np.testing.assert_allclose(carry[f"layer_{index}"].h_BH, h[index].numpy(), atol=1e-5)
        np.testing.assert_allclose(carry[f"layer_{index}"].c_BH, c[index].numpy(), atol=1e-5)


def test_two_halves_with_the_carry_handed_on_equal_the_whole():
    model, params, tokens = random_model()
    apply = jax.jit(lambda tokens, carry: model.apply({"params": params}, tokens, carry, train=False))
    whole, (last, _) = apply(tokens, model.initial_carry(3))
    first, (middle, _) = apply(tokens[:, :5], model.initial_carry(3))
    second, (end, _) = apply(tokens[:, 5:], middle)
    np.testing.assert_allclose(jnp.concatenate([first, second], axis=1), whole, atol=1e-5)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), end, last)


def test_gates_come_out_when_asked_and_change_nothing():
    model, params, tokens = random_model()
    carry, apply = model.initial_carry(3), jax.jit(model.apply, static_argnames=("train", "return_gates"))
    plain, (_, aux) = apply({"params": params}, tokens, carry, train=False)
    asked, (_, asked_aux) = apply({"params": params}, tokens, carry, train=False, return_gates=True)
    np.testing.assert_allclose(plain, asked, atol=1e-6)
    assert set(aux) == {"features"} and asked_aux["gates"]["layer_1"].shape == (3, 10, 4, 6)
    sigmoids = np.asarray(asked_aux["gates"]["layer_0"])[:, :, [0, 1, 3]]
    assert sigmoids.min() > 0 and sigmoids.max() < 1


def test_dropout_is_one_mask_for_all_steps_in_training_only():
    model, params, tokens = random_model(dropout=0.5)
    carry = model.initial_carry(3)

    copies_features = params | {"head": {"kernel": jnp.eye(6, V), "bias": jnp.zeros(V)}}
    apply = jax.jit(model.apply, static_argnames="train")

    def dropped(train):
        rngs = {"dropout": jax.random.key(0)}
        return np.asarray(apply({"params": copies_features}, tokens, carry, train=train, rngs=rngs)[0])[..., :6] == 0

    assert 0 < dropped(True).mean() < 1 and (dropped(True) == dropped(True)[:, :1]).all()
    assert not dropped(False).any()


def test_initialisation_is_the_documented_one():
    model = RecurrentLanguageModel(Size(1, 16, None), 65)
    tokens = jnp.zeros((1, 2), int)
    params = jax.jit(lambda: model.init(jax.random.key(0), tokens, model.initial_carry(1), train=False))()["params"]
    layer = params["recurrent"]["layer_0"]
    np.testing.assert_array_equal(layer["bias"], np.eye(4)[1][:, None] * np.ones(16))
    for square in np.array(layer["recurrent_kernel"]).transpose(1, 0, 2):
        np.testing.assert_allclose(square @ square.T, np.eye(16), atol=1e-5)
    assert jnp.abs(layer["input_kernel"]).max() == pytest.approx((6 / (65 + 16)) ** 0.5, rel=0.01)


def test_half_precision_keeps_float32_parameters_logits_and_carry():
    model = recurrent_language_model("char-rnn", 65, dtype=jnp.bfloat16)
    tokens = jnp.zeros((2, 3), int)
    params = jax.eval_shape(lambda: model.init(jax.random.key(0), tokens, model.initial_carry(2), train=False))
    logits, (carry, aux) = jax.eval_shape(lambda p: model.apply(p, tokens, model.initial_carry(2), train=False), params)
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves((params, logits, carry)))
    assert aux["features"].dtype == jnp.bfloat16
    assert jax.tree.map(jnp.shape, carry) == jax.tree.map(jnp.shape, model.initial_carry(2))


def test_parameter_paths_are_stable():
    _, params, _ = random_model(SIZE._replace(embedding=5))
    names = {}
    map_named(lambda name, leaf: names.setdefault(name, leaf.shape), params)
    assert names == {
        "embed/embedding": (7, 5),
        "head/bias": (7,),
        "head/kernel": (6, 7),
        "recurrent/layer_0/bias": (4, 6),
        "recurrent/layer_0/input_kernel": (5, 4, 6),
        "recurrent/layer_0/recurrent_kernel": (6, 4, 6),
        "recurrent/layer_1/bias": (4, 6),
        "recurrent/layer_1/input_kernel": (6, 4, 6),
        "recurrent/layer_1/recurrent_kernel": (6, 4, 6),
    }


def test_an_unknown_size_is_named():
    with pytest.raises(Misuse, match="did you mean 'char-rnn'"):
        recurrent_language_model("char_rnn", 65)
