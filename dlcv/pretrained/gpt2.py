"""GPT-2 checkpoints: names and shapes of Hugging Face Transformers' tensors, and of ours.

Its layers keep (in, out) as ours do, query, key and value side by side in one kernel; here heads are a dimension of their own.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcv.errors import Misuse, unknown
from dlcv.models.gpt import GPT, Size
from dlcv.pretrained import ACTIVATIONS, ACTIVATIONS_THERE

# masks that lie beside the weights in old checkpoints; the tokens' vectors once more
IGNORED = r"\.attn\.(masked_)?bias$|^lm_head\.weight$"
PREFIX = "transformer."  # before every name where the model was saved with its head
PARTS = ("query", "key", "value")
# what config.json may not ask for, with the only value that we have
FIXED = dict(
    scale_attn_weights=True, scale_attn_by_inverse_layer_idx=False, add_cross_attention=False, tie_word_embeddings=True
)


def fields(config: Mapping[str, Any]) -> dict[str, Any]:
    """What builds `dlcv.models.gpt.GPT`, but its vocabulary; raises Misuse for what config.json asks for and we have not."""
    activation, width = config.get("activation_function", "gelu_new"), config["n_embd"]
    if activation not in ACTIVATIONS:
        raise unknown("activation_function of config.json", activation, ACTIVATIONS)
    for name, value in {**FIXED, "n_inner": 4 * width}.items():
        if config.get(name) not in (None, value):
            raise Misuse(f"config.json has {name}={config[name]}: expected {value}")
    return dict(
        size=Size(config["n_layer"], width, config["n_head"]), length=config.get("n_positions", 1024), activation=ACTIVATIONS[activation],
        epsilon=config.get("layer_norm_epsilon", 1e-5), dropout=config.get("resid_pdrop", 0.1),
    )  # fmt: skip


def described(model: GPT) -> dict[str, Any]:
    """The config.json of one of our models. Raises Misuse for one that GPT-2 has no name for."""
    plain = dict(mask="causal", positions="learned", combine="add", norm="pre", gated=False, tied=True)
    for name, value in plain.items():
        if getattr(model, name) != value:
            raise Misuse(f"a GPT with {name}={getattr(model, name)!r} is no GPT-2: expected {value!r}")
    depth, width, heads = model.size
    return dict(
        architectures=["GPT2LMHeadModel"], vocab_size=model.vocabulary, n_positions=model.length, n_ctx=model.length, n_embd=width,
        n_layer=depth, n_head=heads, activation_function=ACTIVATIONS_THERE[model.activation], layer_norm_epsilon=model.epsilon,
        resid_pdrop=model.dropout, embd_pdrop=model.dropout, attn_pdrop=model.dropout, bos_token_id=None, eos_token_id=None,
    )  # fmt: skip


def params(config: Mapping[str, Any], tensors: dict[str, Any]) -> dict[str, Any]:
    """Our parameters, from tensors that are taken out of the dict; names may begin with "transformer." or not."""
    width, heads, vocabulary = config["n_embd"], config["n_head"], config["vocab_size"]
    prefix = PREFIX if any(name.startswith(PREFIX) for name in tensors) else ""

    def take(name: str, *shape: int) -> Any:
        found = tensors.pop(prefix + name)
        if tuple(found.shape) != shape:
            raise ValueError(f"{prefix + name} is {list(found.shape)}, expected {list(shape)}")
        return found

    def layer(name: str, inputs: int, outputs: int) -> dict[str, Any]:
        return {"kernel": take(f"{name}.weight", inputs, outputs), "bias": take(f"{name}.bias", outputs)}

    def norm(name: str) -> dict[str, Any]:
        return {"scale": take(f"{name}.weight", width), "bias": take(f"{name}.bias", width)}

    def block(name: str) -> dict[str, Any]:
        joined, out = layer(f"{name}.attn.c_attn", width, 3 * width), layer(f"{name}.attn.c_proj", width, width)
        kernel = joined["kernel"].reshape(width, 3, heads, width // heads)
        bias = joined["bias"].reshape(3, heads, width // heads)
        parts = {part: {"kernel": kernel[:, place], "bias": bias[place]} for place, part in enumerate(PARTS)}
        out["kernel"] = out["kernel"].reshape(heads, width // heads, width)
        mlp = {"up": layer(f"{name}.mlp.c_fc", width, 4 * width), "down": layer(f"{name}.mlp.c_proj", 4 * width, width)}
        return {
            "attention": {**parts, "out": out}, "mlp": mlp, "norm_1": norm(f"{name}.ln_1"), "norm_2": norm(f"{name}.ln_2"),
        }  # fmt: skip

    places = take("wpe.weight", config.get("n_positions", 1024), width)
    embedding = {"tokens": take("wte.weight", vocabulary, width), "positions": places}
    stack = {f"block_{index}": block(f"h.{index}") for index in range(config["n_layer"])}
    return {"embedding": embedding, "stack": {**stack, "norm": norm("ln_f")}}


def tensors(config: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors as Transformers names them, for a model with its head."""
    width = config["n_embd"]
    found = {"wte.weight": params["embedding"]["tokens"], "wpe.weight": params["embedding"]["positions"]}

    def put(name: str, layer: Mapping[str, Any]) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = layer.get("kernel", layer.get("scale")), layer["bias"]

    put("ln_f", params["stack"]["norm"])
    for index in range(config["n_layer"]):
        block, name = params["stack"][f"block_{index}"], f"h.{index}"
        parts = [block["attention"][part] for part in PARTS]
        kernel = np.concatenate([np.asarray(part["kernel"]).reshape(width, width) for part in parts], axis=1)
        put(
            f"{name}.attn.c_attn",
            {"kernel": kernel, "bias": np.concatenate([np.ravel(part["bias"]) for part in parts])},
        )
        out = block["attention"]["out"]
        put(f"{name}.attn.c_proj", {"kernel": np.asarray(out["kernel"]).reshape(width, width), "bias": out["bias"]})
        for theirs, ours in (("c_fc", "up"), ("c_proj", "down")):
            put(f"{name}.mlp.{theirs}", block["mlp"][ours])
        for number in (1, 2):
            put(f"{name}.ln_{number}", block[f"norm_{number}"])
    return {PREFIX + name: leaf for name, leaf in found.items()}
