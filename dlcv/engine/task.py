"""The contract between a method and the engine: a Task is an `init` and an ordered tuple of Players."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import jax
import optax

Tree = Mapping[str, Any]  # one collection, keyed by subtree: {"generator": ..., "discriminator": ...}
Batch = Mapping[str, Any]
BatchSpec = Mapping[str, Any]  # a batch of jax.ShapeDtypeStruct


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Variables:
    """What a task's functions read: three collections, each a dict keyed by subtree."""

    params: Tree
    stats: Tree = field(default_factory=dict)  # batch norm, spectral norm: changed by a player that `updates` them
    carry: Tree = field(default_factory=dict)  # batch-leading recurrent state of truncated back-propagation

    def replace(self, **changes) -> "Variables":
        return replace(self, **changes)


class Loss(NamedTuple):
    """A scalar mean and the number of units (examples, tokens) it is a mean of."""

    value: jax.Array
    weight: jax.Array | float


class Aux(NamedTuple):
    """What a loss leaves behind: changed `stats` and `carry` subtrees, and scalar `metrics` to log."""

    stats: Tree = {}
    carry: Tree = {}
    metrics: Mapping[str, jax.Array] = {}


class LossFn(Protocol):
    """Pure. `step` is traced: schedules of a loss (DANN's lambda, KL annealing) are functions of it."""

    def __call__(self, params, stats, carry, batch, key, step) -> tuple[Loss, Aux]: ...


@dataclass(frozen=True)
class Player:
    """One objective: the named parameter subtrees it owns, a loss and an optimiser."""

    name: str  # metrics appear as "<name>/<metric>"
    owns: tuple[str, ...]  # top-level keys of params that it trains
    loss: LossFn
    optimizer: optax.GradientTransformation  # its schedule counts its own updates
    steps: int = 1  # updates a train step (n_critic), each on its own slice of the batch and its own key
    updates: tuple[str, ...] | None = None  # top-level keys of stats that it may change; default: those it owns

    @property
    def changes(self) -> tuple[str, ...]:
        return self.owns if self.updates is None else self.updates


class Metric(NamedTuple):
    """`value(outputs, batch)` gives values [B, ...], or (values, weights) of one shape; summed under the mask, divided once."""

    value: Callable[[Mapping[str, Any], Batch], Any]
    final: Callable[[float], float] = float  # after the division: exp for a perplexity


class Figure(NamedTuple):
    """A picture asked for: the name of a function in `dlcv.figures` and its keyword arguments (numpy arrays)."""

    kind: str
    arrays: Mapping[str, Any]


@dataclass(frozen=True)
class View:
    """What scores and figures look at: the weights, and every split's outputs and examples as numpy arrays."""

    variables: Variables
    outputs: Mapping[str, Mapping[str, Any]]  # split -> what `predict` gave for all of its examples, padding removed
    examples: Mapping[str, Mapping[str, Any]]  # split -> the examples themselves, in the same order
    key: jax.Array
    info: Mapping[str, Any] = field(default_factory=dict)  # of the data: class names, vocabulary
    train: Any = None  # the training source, for what looks for copies of it


ScoreFn = Callable[[View], Mapping[str, float]]
FigureFn = Callable[[View], Figure]
# maker(view of one split without outputs, count=..., **options) -> {name: Figure, text or {name: array}}
MakerFn = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True)
class Task:
    """An objective, whole: how its variables begin, who trains them, how its outputs are measured and shown."""

    init: Callable[[jax.Array, BatchSpec], Variables]
    players: tuple[Player, ...]
    batch_spec: BatchSpec  # of one train batch, known from the config alone
    predict: Callable[[Variables, Batch, jax.Array], Mapping[str, Any]]  # per-example outputs; "carry" is handed on
    metrics: Mapping[str, Metric]
    scores: Mapping[str, ScoreFn] = field(default_factory=dict)
    figures: Mapping[str, FigureFn] = field(default_factory=dict)
    over_time: tuple[str, ...] = ()  # figures also tiled over all evaluations when the run ends
    sample: Callable[..., Any] | None = None  # sample(variables, key, count=..., **options) -> as of a maker
    makers: Mapping[str, MakerFn] = field(default_factory=dict)  # what else `dlcv.sample --what=` gives
    frozen: tuple[str, ...] = ()  # subtrees nobody trains
    layouts: Mapping[str, Any] = field(
        default_factory=dict
    )  # name -> sharding rules, for config.sharding = "fsdp" and the like
    decomposable: bool = True  # False where batch statistics, MMD and the like make accumulation change the loss
    least_examples: int = 0  # that each split must have for `scores`


@dataclass(frozen=True)
class Setup:
    """What every `make(setup, **keywords)` receives from the config, before any data is read."""

    batch_spec: BatchSpec  # of one update: config.batch_size examples
    info: Mapping[str, Any]  # of the data set: classes, vocabulary ...
    optimizer: Callable[
        ..., optax.GradientTransformation
    ]  # (player name, its updates a train step = 1), from the config
    steps: int  # train steps of the whole run
    dtype: Any  # compute dtype; parameters are float32 always
