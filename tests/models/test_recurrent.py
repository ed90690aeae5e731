"""Stacks of recurrent layers against torch and flax on copied weights, padding by length, and what each option changes."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.recurrent import CELLS, Recurrent
from dlcv.ops.paths import map_named

B, T, D, H = 3, 7, 4, 5
LENGTHS = np.array([7, 3, 1])


def random_stack(cell, **fields):
    """(module, random parameters, inputs)."""
    module = Recurrent(cell, H, **fields)
    x_BTD = np.random.default_rng(0).normal(size=(B, T, D)).astype(np.float32)
    shapes = jax.eval_shape(lambda: module.init(jax.random.key(0), jnp.asarray(x_BTD), train=False))["params"]
    generator = np.random.default_rng(1)
    return module, jax.tree.map(lambda p: jnp.float32(generator.normal(size=p.shape) * 0.4), shapes), x_BTD


def weighted(arrays, xp):
    """A scalar that depends on every output differently."""
    return sum(xp.sum(xp.cos(array * (1 + index))) for index, array in enumerate(arrays))


def torch_stack(torch, cell, params, **fields):
    kind = cell.split("_")[0].upper()
    extra = {"nonlinearity": cell.split("_")[1]} if kind == "RNN" else {}
    peer = getattr(torch.nn, kind)(D, H, batch_first=True, **extra, **fields)
    for name, layer in params.items():
        suffix = name.replace("layer_", "l").replace("_forward", "").replace("_backward", "_reverse")
        gates = layer["input_kernel"].shape[1]
        within = np.zeros((gates, H), np.float32)
        within[gates - len(layer["bias"][gates:]) :] = layer["bias"][gates:]
        values = {
            "weight_ih": layer["input_kernel"].reshape(-1, gates * H).T, "weight_hh": layer["recurrent_kernel"].reshape(H, -1).T,
            "bias_ih": layer["bias"][:gates].ravel(), "bias_hh": within.ravel(),
        }  # fmt: skip
        for part, value in values.items():
            getattr(peer, f"{part}_{suffix}").data = torch.tensor(value.copy())
    return peer


def torch_gradients(peer, params):
    """The peer's gradients under the names and in the layout of ours."""
    gradients = {}
    for name, layer in params.items():
        suffix = name.replace("layer_", "l").replace("_forward", "").replace("_backward", "_reverse")
        part = {key: getattr(peer, f"{key}_{suffix}").grad.numpy() for key in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}  # fmt: skip
        gates = layer["input_kernel"].shape[1]
        rows = [part["bias_ih"].reshape(gates, H), part["bias_hh"].reshape(gates, H)[2:]]
        gradients[name] = {
            "input_kernel": part["weight_ih"].T.reshape(-1, gates, H),
            "recurrent_kernel": part["weight_hh"].T.reshape(H, gates, H),
            "bias": np.concatenate(rows)[: len(layer["bias"])],
        }
    return gradients


@pytest.mark.peers
@pytest.mark.parametrize("cell", ["rnn_tanh", "rnn_relu", "lstm", "gru"])
@pytest.mark.parametrize(
    ("fields", "lengths"),
    [({}, None), ({"layers": 2, "bidirectional": True}, LENGTHS)],
    ids=["one layer", "two, both ways, by length"],
)
def test_equals_torch_forward_and_backward(cell, fields, lengths):
    torch = pytest.importorskip("torch")
    module, params, x_BTD = random_stack(cell, **fields)

    def loss(params, x_BTD):
        h_BTH, last = module.apply({"params": params}, x_BTD, lengths_B=lengths, train=False)
        return weighted([h_BTH, *jax.tree.leaves(last)], jnp), (h_BTH, last)

    (_, (h_BTH, last)), (gradients, dx) = jax.jit(jax.value_and_grad(loss, (0, 1), has_aux=True))(params, x_BTD)

    names = dict(num_layers=fields.get("layers", 1), bidirectional=fields.get("bidirectional", False))
    peer = torch_stack(torch, cell, jax.tree.map(np.asarray, params), **names)
    tx = torch.tensor(x_BTD, requires_grad=True)
    if lengths is None:
        out, states = peer(tx)
    else:
        pack, pad = torch.nn.utils.rnn.pack_padded_sequence, torch.nn.utils.rnn.pad_packed_sequence
        out, states = peer(pack(tx, torch.tensor(lengths), batch_first=True, enforce_sorted=False))
        out, _ = pad(out, batch_first=True, total_length=T)
    # Ours come by layer, direction and field (c before h); torch's by field (h before c), then layer and direction.
    by_field = list(reversed(states)) if cell == "lstm" else [states]
    ends = [field[index] for index in range(len(by_field[0])) for field in by_field]
    order = sorted(range(len(ends)), key=lambda i: (i // (2 * len(by_field)), -(i // len(by_field) % 2)))
    ends = [ends[i] for i in order] if fields else ends  # "backward" comes before "forward"
    np.testing.assert_allclose(h_BTH, out.detach().numpy(), atol=1e-5)
    for ours, theirs in zip(jax.tree.leaves(last), ends, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-5)
    weighted([out, *ends], torch).backward()
    np.testing.assert_allclose(dx, tx.grad.numpy(), atol=1e-4)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4), gradients, torch_gradients(peer, params))


def flax_layer(cell, layer):
    """Our parameters under the names of flax's cell."""
    inputs, recurrent, bias = (layer[name] for name in ("input_kernel", "recurrent_kernel", "bias"))
    if cell == "rnn_tanh":
        return {"i": {"kernel": inputs[:, 0], "bias": bias[0]}, "h": {"kernel": recurrent[:, 0]}}
    names = {"lstm": "ifgo", "gru": "rzn"}[cell]
    params = {f"i{gate}": {"kernel": inputs[:, index]} for index, gate in enumerate(names)}
    params |= {f"h{gate}": {"kernel": recurrent[:, index]} for index, gate in enumerate(names)}
    for index, gate in enumerate(names):
        params[f"{'h' if cell == 'lstm' else 'i'}{gate}"]["bias"] = bias[index]
    if cell == "gru":
        params["hn"]["bias"] = bias[3]
    return params


@pytest.mark.peers
@pytest.mark.parametrize("cell", ["rnn_tanh", "lstm", "gru"])
def test_equals_flax_both_ways_by_length_forward_and_backward(cell):
    kind = {"rnn_tanh": nn.SimpleCell, "lstm": nn.OptimizedLSTMCell, "gru": nn.GRUCell}[cell]
    module, params, x_BTD = random_stack(cell, bidirectional=True)
    inside_BT1 = jnp.asarray(np.arange(T) < LENGTHS[:, None])[..., None]

    def ours(params):
        h_BTH, _ = module.apply({"params": params}, x_BTD, lengths_B=LENGTHS, train=False)
        return weighted([h_BTH], jnp), h_BTH

    def theirs(params):
        outputs = []
        for way in ("forward", "backward"):
            layer = nn.RNN(kind(H), reverse=way == "backward", keep_order=True)
            flat = {"params": {"cell": flax_layer(cell, params[f"layer_0_{way}"])}}
            outputs.append(layer.apply(flat, jnp.asarray(x_BTD), seq_lengths=jnp.asarray(LENGTHS)))
        h_BTH = jnp.where(inside_BT1, jnp.concatenate(outputs, -1), 0)  # flax leaves what padding gives
        return weighted([h_BTH], jnp), h_BTH

    run = [jax.jit(jax.value_and_grad(f, has_aux=True))(params) for f in (ours, theirs)]
    ((_, h_BTH), gradients), ((_, peer_BTH), peer_gradients) = run
    np.testing.assert_allclose(h_BTH, peer_BTH, atol=1e-5)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4), gradients, peer_gradients)


@pytest.mark.parametrize("options", [{}, {"layer_norm": True}], ids=["plain", "layer norm"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_padded_row_equals_the_row_by_itself(cell, options):
    """States are frozen and outputs 0 past the end, in both directions; what stands there reaches nothing."""
    module, params, x_BTD = random_stack(cell, bidirectional=True, learned_carry=True, **options)
    apply = jax.jit(
        lambda x, lengths: module.apply({"params": params}, x, lengths_B=lengths, train=False, return_states=True)
    )
    h_BTH, last, states = apply(x_BTD, LENGTHS)
    other, other_last, _ = apply(np.where(np.arange(T)[:, None] < LENGTHS[:, None, None], x_BTD, 99.0), LENGTHS)
    np.testing.assert_allclose(h_BTH, other, atol=1e-6)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), last, other_last)
    length = LENGTHS[1]
    alone, alone_last, alone_states = apply(x_BTD[1:2, :length], None)
    np.testing.assert_allclose(h_BTH[1, :length], alone[0], atol=1e-5)
    assert not np.asarray(h_BTH[1, length:]).any() and np.asarray(h_BTH[0]).any(-1).all()
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[1], b[0], atol=1e-5), last, alone_last)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a[1, :length], b[0], atol=1e-5), states, alone_states)
    frozen = states["layer_0"]["forward"]["h"][1, length - 1 :]
    np.testing.assert_array_equal(frozen, np.broadcast_to(frozen[:1], frozen.shape))


@pytest.mark.parametrize("cell", ["rnn_relu", "lstm", "gru"])
def test_the_written_gradient_equals_automatic_differentiation(cell):
    module, params, x_BTD = random_stack(cell, bidirectional=True)

    def loss(params, x, carry, return_states):
        h_BTH, last, *_ = module.apply(
            {"params": params}, x, carry, lengths_B=LENGTHS, train=False, return_states=return_states
        )
        return weighted([h_BTH, *jax.tree.leaves(last)], jnp)

    carry = jax.tree.map(lambda state: state + 0.3, module.initial_carry(B))
    gradient = jax.jit(jax.grad(loss, (0, 1, 2)), static_argnums=3)
    fast, plain = (gradient(params, x_BTD, carry, states) for states in (False, True))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), fast, plain)


def test_a_decoder_one_step_at_a_time_equals_the_whole():
    module, params, x_BTD = random_stack("gru", layers=2)
    apply = jax.jit(lambda x, carry: module.apply({"params": params}, x, carry, train=False))
    whole, last = apply(x_BTD, None)
    carry = module.initial_carry(B)
    for time in range(T):
        h_BTH, carry = apply(x_BTD[:, time : time + 1], carry)
        np.testing.assert_allclose(h_BTH[:, 0], whole[:, time], atol=1e-5)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), carry, last)


def test_a_learned_carry_begins_every_row_and_is_trained():
    module, params, x_BTD = random_stack("lstm", learned_carry=True)

    def run(params, carry=None):
        return module.apply({"params": params}, x_BTD, carry, train=False)[0]

    given = module.initial_carry(B)
    learned = params["layer_0"]["first_carry"]
    given["layer_0"] = given["layer_0"]._replace(
        c_BH=given["layer_0"].c_BH + learned[0], h_BH=given["layer_0"].h_BH + learned[1]
    )
    np.testing.assert_allclose(run(params), run(params, given), atol=1e-6)
    gradient = jax.grad(lambda params: run(params).sum())(params)["layer_0"]["first_carry"]
    assert np.abs(gradient).min() > 0


@pytest.mark.parametrize("variational", [False, True])
def test_dropout_acts_between_layers_in_training_only(variational):
    module, params, x_BTD = random_stack("rnn_tanh", layers=2, dropout=0.5, variational=variational)
    # The second layer hands on its input alone, so that dropped inputs show as h = 0.
    params["layer_1"] = {
        "input_kernel": jnp.eye(H)[:, None],
        "recurrent_kernel": jnp.zeros((H, 1, H)),
        "bias": jnp.zeros((1, H)),
    }

    def run(train):
        return np.asarray(module.apply({"params": params}, x_BTD, train=train, rngs={"dropout": jax.random.key(0)})[0])

    dropped = run(True) == 0
    assert 0.2 < dropped.mean() < 0.8 and not (run(False) == 0).any()
    assert (dropped == dropped[:, :1]).all() == variational


def test_states_come_out_by_layer_in_the_order_of_time():
    module, params, x_BTD = random_stack("lstm", layers=2, bidirectional=True)
    h_BTH, last, states = module.apply({"params": params}, x_BTD, train=False, return_states=True)
    assert set(states) == {"layer_0", "layer_1"} and set(states["layer_1"]["backward"]) == {"c", "h", "gates"}
    np.testing.assert_array_equal(h_BTH[..., :H], states["layer_1"]["forward"]["h"])
    np.testing.assert_array_equal(h_BTH[..., H:], states["layer_1"]["backward"]["h"])
    np.testing.assert_array_equal(last["layer_1"]["backward"].c_BH, states["layer_1"]["backward"]["c"][:, 0])
    assert states["layer_0"]["forward"]["gates"].shape == (B, T, 4, H)


@pytest.mark.parametrize("cell", CELLS)
def test_half_precision_keeps_float32_parameters_and_carry(cell):
    module = Recurrent(cell, H, dtype=jnp.bfloat16)
    params = jax.eval_shape(lambda: module.init(jax.random.key(0), jnp.zeros((B, T, D)), train=False))
    h_BTH, last = jax.eval_shape(lambda p: module.apply(p, jnp.zeros((B, T, D)), train=False), params)
    assert h_BTH.dtype == jnp.bfloat16
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves((params, last)))


def test_parameter_paths_are_stable():
    _, params, _ = random_stack("lstm_peephole", layers=2, bidirectional=True, layer_norm=True, learned_carry=True)
    names = {}
    map_named(lambda name, leaf: names.setdefault(name, leaf.shape), params["layer_1_backward"])
    assert set(params) == {f"layer_{index}_{way}" for index in range(2) for way in ("forward", "backward")}
    assert names == {
        "bias": (4, 5), "first_carry": (2, 5), "input_gain": (4, 5), "input_kernel": (10, 4, 5), "memory_norm": (2, 5),
        "peephole": (3, 5), "recurrent_gain": (4, 5), "recurrent_kernel": (5, 4, 5),
    }  # fmt: skip


def test_an_unknown_cell_is_named():
    with pytest.raises(Misuse, match="did you mean 'gru'"):
        Recurrent("grue", H).initial_carry(1)
