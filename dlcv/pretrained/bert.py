"""BERT checkpoints: names and shapes of Hugging Face Transformers' tensors, and of ours.

A linear layer there keeps (out, in), here (in, out), the heads of attention as a dimension of their own.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from dlcv.errors import unknown
from dlcv.models.bert import BERT, Size
from dlcv.ops.paths import map_named
from dlcv.pretrained import ACTIVATIONS, ACTIVATIONS_THERE

IGNORED = r"position_ids$|cls\.predictions\.decoder\.(weight|bias)$"  # places by number; the tokens' vectors and the bias once more


class Leaf(NamedTuple):
    """A tensor there and a parameter here, the shape it has there and here (-1: any), and whether it lies transposed there."""

    theirs: str
    ours: str
    there: tuple[int, ...]
    here: tuple[int, ...]
    turned: bool = False

    @classmethod
    def same(cls, theirs: str, ours: str, *shape: int) -> "Leaf":
        """One that has the same shape there and here."""
        return cls(theirs, ours, shape, shape)

    def read(self, tensor: Any) -> Any:
        if len(tensor.shape) != len(self.there) or any(
            n not in (m, -1) for m, n in zip(tensor.shape, self.there, strict=True)
        ):
            raise ValueError(f"{self.theirs} is {list(tensor.shape)}, expected {list(self.there)}")
        return (tensor.T if self.turned else tensor).reshape(self.here)

    def written(self, leaf: Any) -> Any:
        if not self.turned:
            return leaf.reshape(self.there)
        return leaf.reshape(self.there[::-1]).T


def fields(config: Mapping[str, Any]) -> dict[str, Any]:
    """What builds `dlcv.models.bert.BERT`, but its heads and vocabulary; raises Misuse for another activation or kind of positions."""
    activation, kind = config.get("hidden_act", "gelu"), config.get("position_embedding_type", "absolute")
    if activation not in ACTIVATIONS:
        raise unknown("hidden_act of config.json", activation, ACTIVATIONS)
    if kind != "absolute":
        raise unknown("position_embedding_type of config.json", kind, ("absolute",))
    size = Size(
        *(
            config[f"{name}"]
            for name in ("num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size")
        )
    )
    return dict(
        size=size, length=config.get("max_position_embeddings", 512), segments=config.get("type_vocab_size", 2),
        activation=ACTIVATIONS[activation], epsilon=config.get("layer_norm_eps", 1e-12),
        dropout=config.get("hidden_dropout_prob", 0.1),
    )  # fmt: skip


def described(model: BERT) -> dict[str, Any]:
    """The config.json of one of our models, with the architecture that has its heads."""
    depth, width, heads, hidden = model.size
    made = {
        ("masked", "next"): "BertForPreTraining",
        ("masked",): "BertForMaskedLM",
        ("classes",): "BertForSequenceClassification",
    }
    more = {"num_labels": model.classes} if "classes" in model.heads else {}
    return dict(
        architectures=[made.get(tuple(model.heads), "BertModel")], vocab_size=model.vocabulary, hidden_size=width,
        num_hidden_layers=depth, num_attention_heads=heads, intermediate_size=hidden, hidden_act=ACTIVATIONS_THERE[model.activation],
        hidden_dropout_prob=model.dropout, attention_probs_dropout_prob=model.dropout, max_position_embeddings=model.length,
        type_vocab_size=model.segments, layer_norm_eps=model.epsilon, **more,
    )  # fmt: skip


def params(config: Mapping[str, Any], tensors: dict[str, Any]) -> dict[str, Any]:
    """Our parameters, from tensors that are taken out of the dict; the pooler and heads are read where they are.

    Names may begin with "bert." or not, as a model was saved with heads or without; old checkpoints call a norm's two gamma and beta.
    """
    names = {_modern(name): name for name in tensors}
    made: dict[str, Any] = {}
    for leaf in _leaves(config, names.keys()):
        if leaf.theirs not in names:
            raise KeyError(leaf.theirs)
        *parents, last = leaf.ours.split("/")
        place = made
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = leaf.read(tensors.pop(names[leaf.theirs]))
    return made


def tensors(config: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors as Transformers names them; "bert." stands before the encoder's where there are heads."""
    paths: dict[str, Any] = {}
    map_named(paths.__setitem__, params)
    ours = {leaf.ours: leaf.theirs for leaf in _leaves(config, None)}
    found = {leaf.theirs: leaf.written(paths[leaf.ours]) for leaf in _leaves(config, {ours[path] for path in paths})}
    headless = not any(name.startswith(("cls.", "classifier.")) for name in found)
    return {name.removeprefix("bert.") if headless else name: leaf for name, leaf in found.items()}


def _modern(name: str) -> str:
    name = name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
    return name if name.startswith(("bert.", "cls.", "classifier.")) else f"bert.{name}"


def _leaves(config: Mapping[str, Any], present: Collection[str] | None) -> Iterator[Leaf]:
    """The encoder's leaves, then those of the pooler and of each head of which a tensor is `present`; all where that is None."""
    width, vocabulary = config["hidden_size"], config["vocab_size"]
    yield Leaf.same("bert.embeddings.word_embeddings.weight", "embedding/tokens", vocabulary, width)
    yield Leaf.same(
        "bert.embeddings.position_embeddings.weight",
        "embedding/positions",
        config.get("max_position_embeddings", 512),
        width,
    )
    yield Leaf.same("bert.embeddings.token_type_embeddings.weight", "segments", config.get("type_vocab_size", 2), width)
    yield from _norm("bert.embeddings.LayerNorm", "norm", width)
    for index in range(config["num_hidden_layers"]):
        yield from _block(f"bert.encoder.layer.{index}", f"stack/block_{index}", config)
    for group in (
        _dense("bert.pooler.dense", "pooler", width, width),
        (
            *_dense("cls.predictions.transform.dense", "transform", width, width),
            *_norm("cls.predictions.transform.LayerNorm", "transform_norm", width),
            Leaf.same("cls.predictions.bias", "token_bias", vocabulary),
        ),
        _dense("cls.seq_relationship", "following", width, 2),
        _dense("classifier", "classifier", width, -1),
    ):
        if present is None or any(leaf.theirs in present for leaf in group):
            yield from group


def _block(theirs: str, ours: str, config: Mapping[str, Any]) -> Iterator[Leaf]:
    width, heads, hidden = config["hidden_size"], config["num_attention_heads"], config["intermediate_size"]
    split = (heads, width // heads)
    for name in ("query", "key", "value"):
        there, here = f"{theirs}.attention.self.{name}", f"{ours}/attention/{name}"
        yield Leaf(f"{there}.weight", f"{here}/kernel", (width, width), (width, *split), turned=True)
        yield Leaf(f"{there}.bias", f"{here}/bias", (width,), split)
    there, here = f"{theirs}.attention.output.dense", f"{ours}/attention/out"
    yield Leaf(f"{there}.weight", f"{here}/kernel", (width, width), (*split, width), turned=True)
    yield Leaf.same(f"{there}.bias", f"{here}/bias", width)
    yield from _norm(f"{theirs}.attention.output.LayerNorm", f"{ours}/norm_1", width)
    yield from _dense(f"{theirs}.intermediate.dense", f"{ours}/mlp/up", width, hidden)
    yield from _dense(f"{theirs}.output.dense", f"{ours}/mlp/down", hidden, width)
    yield from _norm(f"{theirs}.output.LayerNorm", f"{ours}/norm_2", width)


def _dense(theirs: str, ours: str, inputs: int, outputs: int) -> tuple[Leaf, Leaf]:
    kernel = Leaf(f"{theirs}.weight", f"{ours}/kernel", (outputs, inputs), (inputs, outputs), turned=True)
    return kernel, Leaf.same(f"{theirs}.bias", f"{ours}/bias", outputs)


def _norm(theirs: str, ours: str, width: int) -> tuple[Leaf, Leaf]:
    return Leaf.same(f"{theirs}.weight", f"{ours}/scale", width), Leaf.same(f"{theirs}.bias", f"{ours}/bias", width)
