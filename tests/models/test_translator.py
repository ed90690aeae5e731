"""The Transformer of translation: steps on a cache equal the whole, decoding is exhaustive where it can be, sizes as in the paper."""

from functools import partial
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.embeddings import POSITIONS, TokenEmbedding
from dlcv.models.net import Net
from dlcv.models.text_decoder import TextDecoder
from dlcv.models.transformer import Style
from dlcv.models.translator import translator
from dlcv.ops.decoding import beam_search, length_penalty
from dlcv.ops.positions import sinusoidal_positions
from dlcv.tasks.translating import MARKS, best, stepped

B, S, T, V = 3, 6, 5, 9
RNG = np.random.default_rng(0)
SOURCE = jnp.asarray(RNG.integers(4, V, (B, S)), jnp.int32)
LENGTHS = jnp.array([6, 3, 1])
PREVIOUS = jnp.asarray(RNG.integers(4, V, (B, T)), jnp.int32)


def net_of(size="tiny", vocabulary=V, **fields):
    net = Net(translator(size, vocabulary, vocabulary, lengths=(S, T), **fields))
    params, _ = jax.jit(lambda key: net.init(key, SOURCE, LENGTHS, PREVIOUS, train=False))(jax.random.key(1))
    return net, jax.tree.map(lambda x: 2 * x, params)  # farther from zero, where attention would be even


def decoder_of(positions="sinusoidal", tied=True):
    """A decoder of two blocks for a memory of another width, which is no text."""
    embed = TokenEmbedding(V, 16, positions=positions, length=T, scaled=True)
    net = Net(TextDecoder(embed, 2, Style(4, 24, activation="relu"), T, tied))
    memory, seen = jax.random.normal(jax.random.key(2), (B, 7, 10)), jnp.arange(7) < jnp.array([7, 4, 1])[:, None]
    params, _ = jax.jit(lambda key: net.init(key, PREVIOUS, memory, seen, train=False))(jax.random.key(1))
    return net, params, memory, seen


@pytest.mark.parametrize(
    ("positions", "tied"),
    [
        ("relative", False),
        *(pytest.param(kind, True, marks=pytest.mark.all) for kind in POSITIONS if kind != "relative"),
    ],
)  # fmt: skip
def test_a_decoder_on_any_memory_gives_on_its_cache_what_the_whole_gives(positions, tied):
    net, params, memory, seen = decoder_of(positions, tied)
    whole = jax.jit(lambda previous, memory: net(params, {}, previous, memory, seen, return_attention=True)[0])
    logits, looked = whole(PREVIOUS, memory)
    np.testing.assert_array_equal(np.asarray(looked.memory).transpose(0, 4, 1, 2, 3)[~np.asarray(seen)], 0)
    begin = jax.jit(lambda memory: net.module.apply({"params": params}, memory, seen, method="begin"))
    step = jax.jit(lambda carry, token, read: net.module.apply({"params": params}, carry, token, read, method="step"))
    read, carry = begin(memory)
    for time in range(T):
        carry, found = step(carry, PREVIOUS[:, time], read)
        np.testing.assert_allclose(found, logits[:, time], atol=1e-5)
    hidden = jnp.where(seen[..., None], memory, 7.0)  # what is not seen changes nothing
    np.testing.assert_allclose(whole(PREVIOUS, hidden)[0], logits, atol=1e-6)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("norm", ["post", pytest.param("pre", marks=pytest.mark.all)])
def test_the_whole_is_torchs_transformer(norm):
    """Encoder and decoder under both masks, from the vectors of tokens to the scores, with its gradient by the memory's table."""
    import torch
    from torch_blocks import torch_layer, torch_norm

    net, params = net_of(size="small", sharing="none", norm=norm)
    size = net.module.size
    noise = np.random.default_rng(3)
    params = jax.tree.map(lambda x: x + jnp.asarray(noise.normal(0, 0.05, x.shape), jnp.float32), params)
    target = noise.normal(size=(B, T, V)).astype(np.float32)

    def total(table):
        logits = net({**params, "source_embed": {"tokens": table}}, {}, SOURCE, LENGTHS, PREVIOUS)[0][0]
        return (logits * target).sum(), logits

    gradient, logits = jax.jit(jax.grad(total, has_aux=True))(params["source_embed"]["tokens"])
    first = norm == "pre"
    fields = dict(dropout=0.0, activation="relu", layer_norm_eps=1e-6, batch_first=True, norm_first=first)
    theirs = torch.nn.Transformer(size.width, size.heads, size.depth, size.depth, size.hidden, **fields)
    for ours, stack in ((params["encoder"], theirs.encoder), (params["decoder"]["stack"], theirs.decoder)):
        for index, layer in enumerate(stack.layers):
            torch_layer(ours[f"block_{index}"], layer)
        if first:
            torch_norm(ours["norm"], stack.norm)
        else:
            stack.norm = None  # torch normalises once more at the end, Vaswani et al. do not
    places = torch.tensor(np.array(sinusoidal_positions(S, size.width)))
    table = torch.tensor(np.array(params["source_embed"]["tokens"]), requires_grad=True)
    own = torch.tensor(np.array(params["embed"]["tokens"]))
    source, previous = (torch.tensor(np.array(tokens)).long() for tokens in (SOURCE, PREVIOUS))
    hidden = torch.tensor(np.arange(S)[None] >= np.asarray(LENGTHS)[:, None])
    found = theirs(
        table[source] * size.width**0.5 + places, own[previous] * size.width**0.5 + places[:T],
        tgt_mask=torch.triu(torch.ones(T, T, dtype=torch.bool), 1), src_key_padding_mask=hidden, memory_key_padding_mask=hidden,
    ) @ torch.tensor(np.array(params["decoder"]["head"]["kernel"]))  # fmt: skip
    (found * torch.tensor(target)).sum().backward()
    np.testing.assert_allclose(logits, found.detach(), atol=1e-4)
    np.testing.assert_allclose(gradient, table.grad, atol=1e-4 * float(jnp.abs(gradient).max()))


def test_beams_read_one_memory_together():
    """Rows b K + k of a step on the memory of b alone are the rows of a memory repeated K times."""
    net, params, memory, seen = decoder_of()
    beams = 2

    def run(rows, memory, seen):
        read, _ = net.module.apply({"params": params}, memory, seen, method="begin")
        _, carry = net.module.apply(
            {"params": params}, *(jnp.repeat(x, rows, 0) for x in (memory, seen)), method="begin"
        )
        found = []
        for time in range(2):
            token = jnp.arange(B * beams) % 3 + 4 + time
            carry, logits = net.module.apply({"params": params}, carry, token, read, method="step")
            found.append(logits)
        return jnp.stack(found)

    shared = jax.jit(run, static_argnums=0)(beams, memory, seen)
    repeated = jax.jit(run, static_argnums=0)(1, *(jnp.repeat(x, beams, 0) for x in (memory, seen)))
    np.testing.assert_allclose(shared, repeated, atol=1e-5)


@pytest.mark.parametrize(("sharing", "norm"), [("all", "post"), pytest.param("none", "pre", marks=pytest.mark.all)])
def test_padding_of_the_source_and_the_order_of_a_batch_change_nothing(sharing, norm):
    net, params = net_of(sharing=sharing, norm=norm)
    whole = jax.jit(lambda source, lengths, previous: net(params, {}, source, lengths, previous)[0][0])
    logits = whole(SOURCE, LENGTHS, PREVIOUS)
    other = jnp.where(jnp.arange(S) < LENGTHS[:, None], SOURCE, 7)
    np.testing.assert_allclose(whole(other, LENGTHS, PREVIOUS), logits, atol=1e-6)
    order = jnp.array([2, 0, 1])
    np.testing.assert_allclose(whole(SOURCE[order], LENGTHS[order], PREVIOUS[order]), logits[order], atol=1e-6)
    alone = whole(SOURCE[1:2, :3], LENGTHS[1:2], PREVIOUS[1:2])  # without its padding
    np.testing.assert_allclose(alone[0], logits[1], atol=1e-5)


def test_a_token_hangs_on_none_after_it():
    """The gradient of one place's scores to later tokens is exactly zero, to its own and earlier ones it is not."""
    net, params, memory, seen = decoder_of()
    one_hot = jax.nn.one_hot(PREVIOUS, V)

    def scores(one_hot):
        """The decoder on soft tokens, by the table's rows mixed."""

        def mixed(next_call, args, keywords, context):
            if context.method_name == "__call__" and isinstance(context.module, TokenEmbedding):
                shift = one_hot - jax.lax.stop_gradient(one_hot)
                return next_call(*args, **keywords) + shift @ context.module.table
            return next_call(*args, **keywords)

        import flax.linen as nn

        with nn.intercept_methods(mixed):
            return net(params, {}, PREVIOUS, memory, seen)[0][0][:, 2].sum()

    gradient = jax.jit(jax.grad(scores))(one_hot)
    np.testing.assert_array_equal(gradient[:, 3:], 0)
    assert (jnp.abs(gradient[:, :3]).max(-1) > 0).all()


def logp_of(net, params, row: int, sequences: list[tuple[int, ...]], length: int) -> np.ndarray:
    """Of many sequences of a source by one uncached pass, each summed up to its END."""
    targets = np.zeros((len(sequences), length), np.int32)
    for place, sequence in enumerate(sequences):
        targets[place, : len(sequence)] = sequence
    previous = np.pad(targets[:, :-1], ((0, 0), (1, 0)), constant_values=MARKS.start)
    source, lengths = (jnp.repeat(x[row : row + 1], len(sequences), 0) for x in (SOURCE, LENGTHS))
    logits = jax.jit(lambda p: net(params, {}, source, lengths, p)[0][0])(jnp.asarray(previous))
    logp = np.take_along_axis(np.asarray(jax.nn.log_softmax(logits)), targets[..., None], -1)[..., 0]
    return np.where(np.arange(length) < np.array([len(s) for s in sequences])[:, None], logp, 0).sum(1)


def test_a_wide_beam_on_the_cache_is_exhaustive_search():
    """Five tokens, of which four go on: every sequence of up to four tokens, scored without a cache."""
    length = 4
    net, params = net_of(vocabulary=5)
    going = [token for token in range(5) if token != MARKS.end]
    sequences = [s + (MARKS.end,) for n in range(length) for s in product(going, repeat=n)]
    sequences += product(going, repeat=length)

    @jax.jit
    def search():
        step, carry = stepped(net, params, SOURCE, LENGTHS, 4**length)
        return beam_search(step, carry, B, length, MARKS, beams=4**length, alpha=0.6)

    found, row = search(), 1
    scores = logp_of(net, params, row, sequences, length) / length_penalty(np.array([len(s) for s in sequences]), 0.6)
    top = np.argsort(-scores)[:10]
    np.testing.assert_allclose(found.scores_BK[row, :10], scores[top], atol=1e-4)
    tokens = tuple(found.tokens_BKT[row, 0].tolist())
    assert tokens == sequences[top[0]] + (MARKS.pad,) * (length - len(sequences[top[0]]))


def test_one_beam_is_greedy_and_a_batch_equals_its_rows_one_by_one():
    net, params = net_of()

    @partial(jax.jit, static_argnums=2)
    def translate(source, lengths, beams):
        return best(net, params, source, lengths, T, beams, 0.6)

    @jax.jit
    def narrow(source, lengths):
        return beam_search(*stepped(net, params, source, lengths), len(source), T, MARKS, beams=1).tokens_BKT[:, 0]

    np.testing.assert_array_equal(narrow(SOURCE, LENGTHS), translate(SOURCE, LENGTHS, 1))
    together = translate(SOURCE, LENGTHS, 3)
    for row in range(B):
        np.testing.assert_array_equal(translate(SOURCE[row : row + 1], LENGTHS[row : row + 1], 3)[0], together[row])


@pytest.mark.parametrize(("size", "millions"), [("base", 65), ("big", 213)])
def test_sizes_are_those_of_the_papers_table(size, millions):
    """37,000 byte pairs in one table (section 5.1); counted by hand, and within 3 % of table 3's rounded numbers."""
    net = Net(translator(size, 37_000, 37_000, lengths=(S, T), sharing="all", norm="post"))
    shapes = jax.eval_shape(lambda key: net.init(key, SOURCE, LENGTHS, PREVIOUS, train=False)[0], jax.random.key(0))
    count = sum(leaf.size for leaf in jax.tree.leaves(shapes))
    width, hidden = net.module.size.width, net.module.size.hidden
    attention, mlp, norm = 4 * (width**2 + width), 2 * width * hidden + hidden + width, 2 * width
    blocks = 6 * (attention + mlp + 2 * norm) + 6 * (2 * attention + mlp + 3 * norm)
    assert count == 37_000 * width + blocks
    assert abs(count / 1e6 - millions) < 0.03 * millions


def test_unknown_choices_are_refused():
    for fields, said in (
        (dict(size="bas"), "unknown size of a translator 'bas'"), (dict(sharing="every"), "sharing"), (dict(positions="sine"), "positions"),
        (dict(sharing="all", target=7), "sharing='all' needs one vocabulary"),
    ):  # fmt: skip
        with pytest.raises(Misuse, match=said):
            translator(**{**dict(size="tiny", source=V, target=V, lengths=(S, T)), **fields})
