"""Weights of other libraries, in and out: folders with `config.json` and `model.safetensors`, as Hugging Face Transformers writes them.

`model_type` in config.json names the file here that knows such a checkpoint. It has
    fields(config) -> dict             what builds the model of dlcv.models that the weights fit, but its vocabulary
    params(config, tensors) -> dict    our parameters, from the checkpoint's tensors by name: numpy arrays, or tracers of their shapes
    tensors(config, params) -> dict    the inverse
    described(model) -> dict           config.json of one of our models, `model_type` and "architectures" aside
    IGNORED                            a regex of tensors that hold no weights
`params` takes what it reads out of a copy of `tensors`: what is left over is refused. A run starts from such a folder by its name:
--config.start.source=FOLDER.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np

from dlcv.errors import Misuse, unknown

KINDS = ("bert", "gpt2")
CONFIG, WEIGHTS = "config.json", "model.safetensors"
DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "I64": "int64", "I32": "int32",
          "U8": "uint8", "BOOL": "bool"}  # fmt: skip
# Transformers' names of activations, the usual one of several first, and ours
ACTIVATIONS = {
    "gelu": "gelu",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
}
ACTIVATIONS_THERE = {ours: theirs for theirs, ours in reversed(ACTIVATIONS.items())}


def is_checkpoint(folder: str | Path) -> bool:
    """Whether a folder holds another library's checkpoint: its config.json names a `model_type`."""
    try:
        return "model_type" in json.loads((Path(folder) / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def opened(folder: str | Path) -> "Checkpoint":
    """The checkpoint in a folder, none of its weights read yet. Raises Misuse for what is none, and for a kind nobody here knows."""
    folder = Path(folder)
    if not is_checkpoint(folder):
        raise Misuse(f"{folder} holds no checkpoint: expected {CONFIG} with a model_type beside {WEIGHTS}")
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if config["model_type"] not in KINDS:
        raise unknown(f"model_type in {folder / CONFIG}", str(config["model_type"]), KINDS)
    return Checkpoint(folder, config)


@dataclass(frozen=True)
class Checkpoint:
    """A folder's weights and what its config.json says of them."""

    folder: Path
    config: Mapping[str, Any]

    @property
    def kind(self) -> ModuleType:
        return import_module(f"{__name__}.{self.config['model_type']}")

    @cached_property
    def fields(self) -> dict[str, Any]:
        """What builds the model that the weights fit; raises Misuse for a config.json that lacks something or asks for what we have not."""
        try:
            return self.kind.fields(self.config)
        except KeyError as missing:
            raise Misuse(
                f"{self.folder / CONFIG} lacks {missing}: expected a config of {self.config['model_type']}"
            ) from None

    def shapes(self) -> dict[str, Any]:
        """Our parameters as ShapeDtypeStructs, from the header: no weight is read.

        Raises Misuse where tensors lack or are left over, and for numbers of a kind that nothing here reads, as of quantised weights.
        """
        with _safetensors(self.folder) as file:
            specs = self._specs(file)
        return jax.eval_shape(self._converted, specs)

    def params(self) -> dict[str, Any]:
        """Our parameters as numpy arrays, float32. Raises Misuse as `shapes` does."""
        with _safetensors(self.folder) as file:
            self._specs(file)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        return jax.tree.map(lambda leaf: np.asarray(leaf, np.float32), self._converted(tensors))

    def _specs(self, file: Any) -> dict[str, jax.ShapeDtypeStruct]:
        found = {}
        for name in file.keys():  # noqa: SIM118 (no mapping)
            part = file.get_slice(name)
            if part.get_dtype() not in DTYPES:
                raise Misuse(
                    f"{self.folder / WEIGHTS} holds {name!r} as {part.get_dtype()}, such as quantised weights: expected"
                    f" {', '.join(DTYPES)}; save the model in one of these"
                )
            found[name] = jax.ShapeDtypeStruct(tuple(part.get_shape()), DTYPES[part.get_dtype()])
        return found

    def _converted(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        _ = self.fields
        left = {name: tensor for name, tensor in tensors.items() if not re.search(self.kind.IGNORED, name)}
        try:
            made = self.kind.params(self.config, left)
        except KeyError as missing:
            raise Misuse(f"{self.folder / WEIGHTS} lacks {missing}, which {CONFIG} there asks for") from None
        except (TypeError, ValueError) as problem:
            reason = str(problem).splitlines()[0]
            raise Misuse(f"{self.folder / WEIGHTS} does not fit {CONFIG} there: {reason}") from None
        if left:
            raise Misuse(
                f"{self.folder / WEIGHTS} holds {min(left)!r} and {len(left) - 1} more that no part here takes"
            )
        return made


def write(folder: str | Path, kind: str, config: Mapping[str, Any], params: Mapping[str, Any]) -> Path:
    """Writes our parameters as a checkpoint that Transformers reads, in float32; `config` as `described` of that kind gives it.

    Raises Misuse for an unknown kind.
    """
    if kind not in KINDS:
        raise unknown("kind of checkpoint", kind, KINDS)
    tensors = import_module(f"{__name__}.{kind}").tensors(config, params)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    content = {name: np.ascontiguousarray(np.asarray(leaf, np.float32)) for name, leaf in tensors.items()}
    _library().numpy.save_file(content, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(json.dumps({"model_type": kind, **config}, indent=2) + "\n", encoding="utf-8")
    return folder


def _library() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError:
        raise Misuse("checkpoints of other libraries need safetensors: pip install 'dlcv[pretrained]'") from None
    return safetensors


def _safetensors(folder: Path) -> Any:
    """The open file of weights; raises Misuse where it is missing or none."""
    library, file = _library(), folder / WEIGHTS
    if not file.is_file():
        others = ", ".join(sorted(path.name for path in folder.iterdir())[:6])
        raise Misuse(f"{folder} has no {WEIGHTS} (it holds {others}): save the model there with safe_serialization")
    try:
        return library.safe_open(file, framework="numpy")
    except library.SafetensorError as problem:
        raise Misuse(f"{file} is no whole safetensors file: {str(problem).splitlines()[0]}") from None
