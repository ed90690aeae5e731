"""BERT checkpoints: equal to Transformers in both directions, refused in one line where something does not fit."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv import pretrained
from dlcv.errors import Misuse
from dlcv.models.bert import bert
from dlcv.pretrained import bert as kind

CLASSES = {
    "BertForPreTraining": ("masked", "next"), "BertModel": (), "BertForSequenceClassification": ("classes",), "BertForMaskedLM": ("masked",),
}  # fmt: skip
OUTPUTS = {"masked": ("prediction_logits", "logits"), "next": ("seq_relationship_logits",), "classes": ("logits",)}
LENGTH = 12
TOKENS = np.random.default_rng(0).integers(0, 50, (3, LENGTH))
SEEN = np.arange(LENGTH) < np.array([12, 7, 3])[:, None]
SEGMENTS = np.broadcast_to(np.arange(LENGTH) > 4, TOKENS.shape).astype(np.int32)


def theirs(name):
    import torch
    import transformers

    more = {"num_labels": 3} if "classes" in CLASSES[name] else {}
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=16, attn_implementation="eager", **more,
    )  # fmt: skip
    model = getattr(transformers, name)(config).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.2, generator=generator)
    return model


def ours(folder, heads):
    found = pretrained.opened(folder)
    params = found.params()
    classes = params["classifier"]["bias"].shape[0] if "classes" in heads else 0
    return bert(vocabulary=50, heads=heads, classes=classes, pooled="pooler" in params, **found.fields), params


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """(Transformers' model, its folder) by the name of its class, made once."""
    pytest.importorskip("transformers")
    kept = {}

    def get(name):
        if name not in kept:
            model, folder = theirs(name), tmp_path_factory.mktemp(name)
            model.save_pretrained(folder)
            kept[name] = model, folder
        return kept[name]

    return get


@pytest.mark.peers
@pytest.mark.parametrize("name", CLASSES)
def test_a_checkpoint_read_computes_what_transformers_computes(saved, name):
    import torch

    model, folder = saved(name)
    module, params = ours(folder, CLASSES[name])
    assert jax.tree.map(lambda leaf: leaf.shape, pretrained.opened(folder).shapes()) == jax.tree.map(np.shape, params)
    with torch.no_grad():
        out = model(
            input_ids=torch.tensor(TOKENS), attention_mask=torch.tensor(SEEN.astype(int)),
            token_type_ids=torch.tensor(SEGMENTS.astype(int)), output_hidden_states=True, output_attentions=True,
        )  # fmt: skip
    apply = jax.jit(
        lambda p: module.apply(
            {"params": p}, jnp.asarray(TOKENS), jnp.asarray(SEEN), SEGMENTS, train=False, return_attention=True
        )
    )
    scores, aux = apply(params)
    for index, hidden in enumerate(out.hidden_states):
        np.testing.assert_allclose(aux["hidden"][:, index][SEEN], hidden.numpy()[SEEN], atol=1e-4)
    for index, weights in enumerate(out.attentions):
        rows = SEEN[:, None, :, None]
        np.testing.assert_allclose(aux["attention"][:, index] * rows, weights.numpy() * rows, atol=1e-4)
    for head in CLASSES[name]:
        expected = next(getattr(out, key) for key in OUTPUTS[head] if getattr(out, key, None) is not None).numpy()
        rows = SEEN if head == "masked" else slice(None)
        np.testing.assert_allclose(np.asarray(scores[head])[rows], expected[rows], atol=1e-4)
    if name == "BertModel":
        np.testing.assert_allclose(aux["pooled"], out.pooler_output.numpy(), atol=1e-4)


@pytest.mark.peers
@pytest.mark.parametrize("name", CLASSES)
def test_what_we_write_transformers_reads(saved, name, tmp_path):
    import torch
    import transformers

    model, folder = saved(name)
    module, params = ours(folder, CLASSES[name])
    changed = jax.tree.map(lambda leaf: leaf + 1.0, params)
    pretrained.write(tmp_path, "bert", kind.described(module), changed)
    again, told = getattr(transformers, name).from_pretrained(tmp_path, output_loading_info=True)
    assert not told["missing_keys"] and not told["unexpected_keys"] and not told["mismatched_keys"]
    for (path, parameter), (other, before) in zip(again.named_parameters(), model.named_parameters(), strict=True):
        assert path == other
        torch.testing.assert_close(parameter, before + 1.0, atol=1e-6, rtol=0)
    assert again.config.architectures == [name]


def written(folder, **changes):
    """A checkpoint of ours, with other fields in its config.json."""
    module = bert("tiny", 50, length=16, heads=("masked", "next"))
    params = module.init(jax.random.key(0), jnp.zeros((1, 4), jnp.int32), train=False)["params"]
    pretrained.write(folder, "bert", kind.described(module), params)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))
    return params


def test_written_and_read_again_every_bit_is_there(tmp_path):
    params = written(tmp_path)
    jax.tree.map(np.testing.assert_array_equal, pretrained.opened(tmp_path).params(), params)


def test_old_names_of_norms_are_understood(tmp_path):
    from safetensors.numpy import load_file, save_file

    params = written(tmp_path)
    old = {"weight": "gamma", "bias": "beta"}
    tensors = {
        name.rpartition("LayerNorm.")[0] + f"LayerNorm.{old[name.rpartition('.')[2]]}"
        if "LayerNorm" in name
        else name: tensor
        for name, tensor in load_file(tmp_path / "model.safetensors").items()
    }
    save_file({**tensors, "bert.embeddings.position_ids": np.arange(16)[None]}, tmp_path / "model.safetensors")
    jax.tree.map(np.testing.assert_array_equal, pretrained.opened(tmp_path).params(), params)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (dict(hidden_size=64), r"bert.embeddings.word_embeddings.weight is \[50, 32\], expected \[50, 64\]"),
        (dict(num_hidden_layers=3), r"lacks 'bert.encoder.layer.2.attention.self.query.weight'"),
        (dict(num_hidden_layers=1), r"holds 'bert.encoder.layer.1.attention.output.LayerNorm.bias' and 15 more"),
        (dict(hidden_act="gelu_nw"), r"unknown hidden_act of config.json 'gelu_nw': did you mean 'gelu_new'"),
        (dict(position_embedding_type="relative_key"), r"unknown position_embedding_type"),
        (dict(model_type="brt"), r"unknown model_type in .*config.json 'brt': did you mean 'bert'"),
    ],
)
def test_a_config_that_does_not_fit_is_refused_from_the_header(tmp_path, changes, message):
    written(tmp_path, **changes)
    with pytest.raises(Misuse, match=message):
        pretrained.opened(tmp_path).shapes()


def test_quantised_weights_are_refused_with_the_kinds_there_are(tmp_path):
    from safetensors.numpy import load_file, save_file

    written(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    name = "bert.embeddings.word_embeddings.weight"
    save_file({**tensors, name: tensors[name].astype(np.int8)}, tmp_path / "model.safetensors")
    for read in (pretrained.opened(tmp_path).shapes, pretrained.opened(tmp_path).params):
        with pytest.raises(
            Misuse, match=f"holds '{name}' as I8, such as quantised weights: expected F64, F32, F16, BF16"
        ):
            read()


def test_files_that_lack_or_are_damaged_are_named(tmp_path):
    with pytest.raises(Misuse, match=r"holds no checkpoint: expected config\.json"):
        pretrained.opened(tmp_path)
    written(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(Misuse, match="is no whole safetensors file"):
        pretrained.opened(tmp_path).shapes()
    file.unlink()
    with pytest.raises(Misuse, match=r"has no model.safetensors \(it holds config.json\)"):
        pretrained.opened(tmp_path).params()
    config = json.loads((tmp_path / "config.json").read_text())
    del config["hidden_size"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(Misuse, match="lacks 'hidden_size'"):
        _ = pretrained.opened(tmp_path).fields


def test_without_the_library_it_says_what_to_install(tmp_path, monkeypatch):
    import sys

    written(tmp_path)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(Misuse, match=r"pip install 'dlcv\[pretrained\]'"):
        pretrained.opened(tmp_path).params()
