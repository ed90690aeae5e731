"""The Vision Transformer against transformers' on copied random weights, and its own invariants."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dlcv.errors import Misuse
from dlcv.models.vit import ViT, VitSize, vit
from dlcv.ops.paths import map_named

SMALL = VitSize(patch=4, width=16, depth=2, heads=4, hidden=24)


def random_params(model, *inputs):
    """Every parameter random, also those that start at zero: a parity test of zeros proves nothing."""
    params = jax.eval_shape(lambda: model.init(jax.random.key(0), *inputs, train=False))["params"]
    generator = np.random.default_rng(0)
    return jax.tree.map(lambda p: jnp.asarray(generator.normal(size=p.shape) * 0.2, jnp.float32), params)


def to_transformers(params):
    """Our parameters under the names and layouts of transformers' ViTModel."""

    def linear(p, outputs):
        return {"weight": p["kernel"].reshape(-1, outputs).T, "bias": p["bias"].reshape(-1)}

    width = SMALL.width
    modules = {
        "embeddings.patch_embeddings.projection": {
            "weight": params["embed"]["kernel"].reshape(SMALL.patch, SMALL.patch, -1, width).transpose(3, 2, 0, 1),
            "bias": params["embed"]["bias"],
        },
        "embeddings": {"cls_token": params["class_token"], "position_embeddings": params["positions"]},
        "layernorm": {"weight": params["encoder"]["norm"]["scale"], "bias": params["encoder"]["norm"]["bias"]},
    }
    for index in range(SMALL.depth):
        block = params["encoder"][f"block_{index}"]
        modules |= {
            f"layers.{index}.attention.{their_name}": linear(block["attention"][name], width)
            for name, their_name in {"query": "q_proj", "key": "k_proj", "value": "v_proj", "out": "o_proj"}.items()
        }
        for name, their_name in {"norm_1": "layernorm_before", "norm_2": "layernorm_after"}.items():
            modules[f"layers.{index}.{their_name}"] = {"weight": block[name]["scale"], "bias": block[name]["bias"]}
        modules[f"layers.{index}.mlp.fc1"] = linear(block["mlp"]["up"], SMALL.hidden)
        modules[f"layers.{index}.mlp.fc2"] = linear(block["mlp"]["down"], width)
    return {f"{module}.{name}": array for module, arrays in modules.items() for name, array in arrays.items()}


def test_equals_transformers_on_copied_weights():
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    images = np.random.default_rng(1).normal(size=(2, 12, 12, 3)).astype(np.float32)
    model = ViT(SMALL, classes=5)
    params = random_params(model, images)
    config = transformers.ViTConfig(
        hidden_size=SMALL.width, num_hidden_layers=SMALL.depth, num_attention_heads=SMALL.heads,
        intermediate_size=SMALL.hidden, image_size=12, patch_size=SMALL.patch, layer_norm_eps=1e-6,
        attn_implementation="eager",
    )  # fmt: skip
    peer = transformers.ViTModel(config, add_pooling_layer=False).eval()
    weights = {name: torch.tensor(np.ascontiguousarray(array)) for name, array in to_transformers(params).items()}
    peer.load_state_dict(weights)
    with torch.no_grad():
        theirs = peer(torch.tensor(images).permute(0, 3, 1, 2), output_attentions=True)
    apply = jax.jit(model.apply, static_argnames=("train", "return_attention"))
    logits, aux = apply({"params": params}, images, train=False, return_attention=True)
    np.testing.assert_allclose(aux["features"], theirs.last_hidden_state[:, 0].numpy(), atol=1e-4)
    np.testing.assert_allclose(aux["attention"], np.stack([a.numpy() for a in theirs.attentions], 1), atol=1e-4)
    np.testing.assert_allclose(logits, aux["features"] @ params["head"]["kernel"] + params["head"]["bias"], atol=1e-4)


def test_attention_rows_are_distributions_and_asking_for_them_changes_nothing():
    model = ViT(SMALL, classes=3)
    images = jnp.ones((2, 8, 8, 1)) * jnp.arange(8)[:, None]
    params = random_params(model, images)
    apply = jax.jit(model.apply, static_argnames=("train", "return_attention"))
    plain, aux = apply({"params": params}, images, train=False)
    asked, asked_aux = apply({"params": params}, images, train=False, return_attention=True)
    assert set(aux) == {"features"} and asked_aux["attention"].shape == (2, 2, 4, 5, 5)
    np.testing.assert_allclose(asked_aux["attention"].sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(plain, asked, atol=1e-5)


def test_dropout_acts_in_training_only_and_follows_its_key():
    model = ViT(SMALL._replace(depth=1), classes=3, dropout=0.5)
    images = jax.random.normal(jax.random.key(1), (2, 8, 8, 1))
    params = random_params(model, images)

    @jax.jit
    def train(seed):
        return model.apply({"params": params}, images, train=True, rngs={"dropout": jax.random.key(seed)})[0]

    assert jnp.abs(train(0) - train(1)).max() > 1e-3
    np.testing.assert_array_equal(train(0), train(0))


def test_half_precision_keeps_float32_parameters_and_logits():
    model = ViT(SMALL, classes=3, dtype=jnp.bfloat16)
    images = jnp.ones((2, 8, 8, 1))
    shapes = jax.eval_shape(lambda: model.init(jax.random.key(0), images, train=False))
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(shapes))
    out = jax.eval_shape(lambda v: model.apply(v, images, train=False), shapes)
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(out))


@pytest.mark.parametrize("size, millions", [("Ti/16", 5.7), ("S/16", 22.1), ("B/16", 86.6), ("L/16", 304.3)])
def test_size_table_has_the_published_numbers_of_parameters(size, millions):
    """Touvron et al., 2021, table 1: 5, 22 and 86 M; Dosovitskiy et al., 2021, table 1: 86 and 307 M."""
    images = jax.ShapeDtypeStruct((1, 224, 224, 3), jnp.float32)
    params = jax.eval_shape(lambda x: vit(size, 1000).init(jax.random.key(0), x, train=False), images)
    assert sum(leaf.size for leaf in jax.tree.leaves(params)) / 1e6 == pytest.approx(millions, abs=0.06)


def test_parameter_paths_are_stable():
    images = jax.ShapeDtypeStruct((1, 8, 8, 1), jnp.float32)
    params = jax.eval_shape(lambda x: ViT(SMALL, 3).init(jax.random.key(0), x, train=False), images)["params"]
    names = []
    map_named(lambda name, leaf: names.append((name, leaf.shape)), params)
    named = dict(names)
    assert named["encoder/block_1/attention/query/kernel"] == (16, 4, 4)
    assert named["encoder/block_1/attention/out/kernel"] == (4, 4, 16)
    assert named["encoder/block_0/mlp/up/kernel"] == (16, 24)
    assert named["positions"] == (1, 5, 16) and named["head/kernel"] == (16, 3)


def test_misuse_is_named():
    with pytest.raises(Misuse, match="unknown ViT size 'B/8'"):
        vit("B/8", 10)
    with pytest.raises(Misuse, match="patch size 4 does not divide an image of 10x10"):
        ViT(SMALL, 3).init(jax.random.key(0), jnp.ones((1, 10, 10, 1)), train=False)
