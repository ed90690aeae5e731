"""GPT-2 checkpoints against Transformers on random weights, both ways, and through the doors by one config line."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import pretrained
from dlcv.errors import Misuse
from dlcv.models.gpt import GPT, Size, gpt
from dlcv.pretrained import gpt2

VOCABULARY, LENGTH = 300, 12
TOKENS = np.random.default_rng(0).integers(0, VOCABULARY, (2, LENGTH))


@pytest.fixture(scope="module")
def theirs():
    """A random GPT-2 of the tiny size, every parameter of it drawn."""
    transformers, torch = pytest.importorskip("transformers"), pytest.importorskip("torch")
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=LENGTH,
        n_embd=32,
        n_layer=2,
        n_head=2,
        attn_implementation="eager",
        bos_token_id=0,
        eos_token_id=0,
    )
    model = transformers.GPT2LMHeadModel(config).eval()
    for parameter in model.parameters():
        parameter.data = 0.3 * torch.randn_like(parameter)
    return model


@pytest.fixture(scope="module")
def folder(theirs, tmp_path_factory):
    found = tmp_path_factory.mktemp("gpt2")
    theirs.save_pretrained(found)
    return found


@pytest.mark.peers
def test_logits_hidden_states_and_attentions_are_transformers(theirs, folder):
    import torch

    checkpoint = pretrained.opened(folder)
    model = GPT(vocabulary=VOCABULARY, **checkpoint.fields)
    params = checkpoint.params()
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), jnp.asarray(TOKENS), train=False))["params"]
    assert jax.tree.map(lambda a, b: a.shape == b.shape, params, shapes) and model.size == Size(2, 32, 2)
    logits, aux = model.apply({"params": params}, jnp.asarray(TOKENS), train=False, return_attention=True)
    with torch.no_grad():
        found = theirs(torch.tensor(TOKENS), output_hidden_states=True, output_attentions=True)
    np.testing.assert_allclose(logits, found.logits, atol=1e-4)
    np.testing.assert_allclose(aux["features"], found.hidden_states[-1], atol=1e-4)
    np.testing.assert_allclose(aux["hidden"][:, 0], found.hidden_states[1], atol=1e-4)
    for block, weights in enumerate(found.attentions):
        np.testing.assert_allclose(aux["attention"][:, block], weights, atol=1e-4)


@pytest.mark.peers
def test_what_we_write_transformers_reads_and_we_read_back(theirs, folder, tmp_path):
    import torch
    import transformers

    params = pretrained.opened(folder).params()
    model = gpt("tiny", VOCABULARY, length=LENGTH)
    pretrained.write(tmp_path, "gpt2", gpt2.described(model), params)
    again = pretrained.opened(tmp_path)
    for one, other in zip(jax.tree.leaves(again.params()), jax.tree.leaves(params), strict=True):
        np.testing.assert_array_equal(one, other)
    read = transformers.GPT2LMHeadModel.from_pretrained(tmp_path).eval()
    with torch.no_grad():
        wanted, found = (module(torch.tensor(TOKENS)).logits for module in (theirs, read))
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    theirs.transformer.save_pretrained(tmp_path / "headless")  # without a head, names have no prefix
    for one, other in zip(
        jax.tree.leaves(pretrained.opened(tmp_path / "headless").params()), jax.tree.leaves(params), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_what_does_not_fit_is_named():
    config = dict(n_embd=32, n_layer=2, n_head=2)
    for wrong, message in (
        (dict(n_inner=64), "n_inner=64: expected 128"), (dict(activation_function="gelu_newer"), "did you mean 'gelu_new'"),
        (dict(scale_attn_by_inverse_layer_idx=True), "scale_attn_by_inverse_layer_idx=True"),
        (dict(tie_word_embeddings=False), "expected True"),
    ):  # fmt: skip
        with pytest.raises(Misuse, match=message):
            gpt2.fields(config | wrong)
    with pytest.raises(Misuse, match="positions='rotary' is no GPT-2"):
        gpt2.described(gpt("tiny", 5, positions="rotary"))
