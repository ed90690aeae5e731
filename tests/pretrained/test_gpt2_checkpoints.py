"""GPT-2 checkpoints against Transformers on random weights, both ways, and through the doors by one config line."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import pretrained
from dlcv.engine import catalogue, loop, restore, sampling
from dlcv.errors import Misuse
from dlcv.language import byte_level
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


@pytest.mark.peers
def test_a_folder_goes_on_by_one_config_line_is_evaluated_and_writes(theirs, folder, tmp_path, monkeypatch):
    """Its nats on a folder of texts are Transformers' own, its most likely tokens those of `generate`."""
    import torch

    monkeypatch.setenv("DLCV_CACHE", str(tmp_path / "cache"))
    texts = ["A whale, a whale! There she blows; the sea was calm and the sea was deep.\n"] * 4
    tokeniser = byte_level.learnt(texts, VOCABULARY)
    padding = tuple(f"unused {number}" for number in range(VOCABULARY - len(tokeniser)))
    byte_level.ByteLevel(tokeniser.tokens + padding, tokeniser.merges).save(folder)
    (tmp_path / "texts").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "texts" / f"{number}.txt").write_text(text)
    data = dict(
        name="windows",
        of=dict(name="text_folder", path=str(tmp_path / "texts"), tokens=str(folder), length=LENGTH, limit=None),
    )
    experiment = catalogue.experiment(
        "experiments/attention/gpt.py:smoke", None, data=data, steps=1, batch_size=2, eval_batch_size=1, eval_every=1, log_every=1,
        checkpoint_every=1, start=dict(source=str(folder)), task_kw=dict(dropout=0.0), optimizer=dict(learning_rate=0.0),
    )  # fmt: skip
    result = loop.train(experiment, tmp_path / "run", quiet=True)
    row = torch.tensor(tokeniser.encode(texts[0]).tolist() + [tokeniser.end])
    rows = experiment.data.splits["valid"].arrays["tokens"]
    np.testing.assert_array_equal(rows, row)
    total, count = 0.0, 0
    with torch.no_grad():
        for begin in range(0, len(row) - 1, LENGTH):  # the last window is shorter
            window = row[begin : begin + LENGTH + 1]
            logits = theirs(window[None, :-1]).logits[0]
            total += float(torch.nn.functional.cross_entropy(logits, window[1:], reduction="sum"))
            count += len(window) - 1
    assert result["metrics"]["valid/nats"]["mean"] == pytest.approx(total / count, rel=1e-4) and count == len(row) - 1

    opened, step, found = restore.open_run(tmp_path / "run", None)
    options = dict(prefix="the sea", length=5, temperature=0.0)
    (file,) = sampling.sample(opened, found[0], tmp_path, seed=0, step=step, count=1, what="text", options=options)
    prompt = torch.tensor(tokeniser.encode("the sea"))[None].long()
    made = theirs.generate(prompt, max_new_tokens=5, do_sample=False, eos_token_id=None, pad_token_id=0)[0].tolist()
    assert file.read_text() == byte_level.load(folder).decode(made)


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
