"""Optimisers and schedules of optax by name, with ordered rules for learning rate, weight decay and freezing."""

import inspect
import re
from collections.abc import Mapping

import jax.numpy as jnp
import optax

from dlcv.errors import Misuse, unknown
from dlcv.ops.paths import first_match, map_named

# Aliases of optax that take no schedule, need a line search or a random key, or are deprecated.
NOT_OFFERED = ("lbfgs", "noisy_sgd", "optimistic_adam", "rprop", "sm3")
KINDS = ("learning_rate", "weight_decay", "frozen")


def constant(rate: float, steps: int):
    return optax.constant_schedule(rate)


def cosine(rate: float, steps: int, end: float = 0.0):
    """Half a cosine from `rate` to `end` times it (Loshchilov and Hutter, SGDR, 2017)."""
    return optax.cosine_decay_schedule(rate, max(steps, 1), alpha=end)


def linear(rate: float, steps: int, end: float = 0.0):
    return optax.linear_schedule(rate, rate * end, max(steps, 1))


def annealed(rate: float, steps: int, alpha: float = 10.0, beta: float = 0.75):
    """rate / (1 + alpha p)^beta over training progress p (Ganin et al., Domain-Adversarial Training, 2016)."""
    return lambda count: rate / (1 + alpha * jnp.minimum(count / max(steps, 1), 1.0)) ** beta


def inverse_square_root(rate: float, steps: int, timescale: float = 4000.0):
    """rate sqrt(timescale / (t + timescale)), t counted from the warm-up's end.

    With warmup = timescale it is the schedule of Vaswani et al., Attention Is All You Need, 2017.
    """
    return lambda count: rate * jnp.sqrt(timescale / (count + timescale))


SCHEDULES = dict(
    constant=constant, cosine=cosine, linear=linear, annealed=annealed, inverse_square_root=inverse_square_root
)


def _call(what: str, function, *args, **options):
    """Calls with options, turning a keyword that the function lacks, or needs and does not get, into a Misuse."""
    accepted = inspect.signature(function).parameters
    for name in options:
        if name not in accepted:
            raise unknown(
                f"option of {what}", name, [p for p in accepted if p not in ("learning_rate", "rate", "steps")]
            )
    try:
        inspect.signature(function).bind(*args, **options)
    except TypeError as problem:
        raise Misuse(f"{what}: {problem}; it takes {', '.join(accepted)}") from None
    return function(*args, **options)


def schedule(fields: Mapping, steps: int) -> optax.Schedule:
    """The learning rate over a run of `steps` updates: a linear warm-up, then the named schedule (ours or optax's)."""
    rate, warmup, options = fields.learning_rate, fields.warmup, dict(fields.schedule_options)
    if not 0 <= warmup <= steps:
        raise Misuse(f"optimizer.warmup={warmup} is not within the run's {steps} updates")
    if fields.schedule in SCHEDULES:
        body = _call(f"schedule {fields.schedule!r}", SCHEDULES[fields.schedule], rate, steps - warmup, **options)
    elif hasattr(optax.schedules, fields.schedule) and callable(getattr(optax.schedules, fields.schedule)):
        body = _call(f"optax schedule {fields.schedule!r}", getattr(optax.schedules, fields.schedule), **options)
    else:
        raise unknown(
            "optimizer.schedule", fields.schedule, [*SCHEDULES, *(n for n in dir(optax.schedules) if "schedule" in n)]
        )
    if not warmup:
        return body
    return optax.join_schedules([optax.linear_schedule(0.0, rate, warmup), body], [warmup])


def named_optimizers() -> dict:
    """Every alias of optax that is made from a learning rate or a schedule of it."""
    found = {
        name: getattr(optax, name) for name in dir(optax) if name.islower() and inspect.isfunction(getattr(optax, name))
    }
    return {
        name: function for name, function in found.items()
        if next(iter(inspect.signature(function).parameters), "") == "learning_rate"
        and not name.startswith(("_", "scale_by")) and name not in NOT_OFFERED
    }  # fmt: skip


def _rules(fields: Mapping, kind: str) -> list[tuple[str, float]]:
    for rule in fields.rules:
        if len(rule) != 3 or rule[1] not in KINDS:
            raise Misuse(f"optimizer.rules: {rule!r} is not (regex, one of {', '.join(KINDS)}, factor)")
        if rule[1] != "learning_rate" and rule[2] not in (0, 1):
            raise Misuse(f"optimizer.rules: {rule!r}: the factor of {rule[1]} is 0 or 1 (off or on)")
        try:
            re.compile(rule[0])
        except re.error as problem:
            raise Misuse(f"optimizer.rules: {rule[0]!r} is no regular expression: {problem}") from None
    return [(pattern, factor) for pattern, what, factor in fields.rules if what == kind]


def make(fields: Mapping, steps: int) -> optax.GradientTransformation:
    """The optimiser of one player for `steps` updates: clip by global norm, update, scale by the rules' factors.

    Raises Misuse for an unknown optimiser, schedule, option or rule.
    """
    known = named_optimizers()
    if fields.name not in known:
        raise unknown("optimizer.name", fields.name, known)
    if fields.learning_rate < 0 or fields.clip_norm < 0 or fields.weight_decay < 0:
        raise Misuse("optimizer.learning_rate, clip_norm and weight_decay must not be negative")
    decays, rates = _rules(fields, "weight_decay"), _rules(fields, "learning_rate")
    frozen = _rules(fields, "frozen")

    def decay_mask(params):
        return map_named(lambda name, _: bool(first_match(decays, name, 1.0)), params)

    def halted(name: str) -> bool:
        return bool(first_match(frozen, name, 0))

    def scale(name: str, update):  # adding -0.0 leaves every bit, of 0.0 and -0.0 too
        return jnp.full_like(update, -0.0) if halted(name) else update * float(first_match(rates, name, 1.0))

    options, parts = dict(fields.options), []
    if frozen:  # before the clipping, whose norm they must not count in
        parts.append(_by_name(lambda name, gradient: jnp.zeros_like(gradient) if halted(name) else gradient))
    if fields.clip_norm:
        parts.append(optax.clip_by_global_norm(fields.clip_norm))
    accepted = inspect.signature(known[fields.name]).parameters
    mask = next(
        (name for name in ("mask", "weight_decay_mask") if name in accepted and "weight_decay" in accepted), None
    )
    if mask:  # the optimiser's own decay
        options |= {"weight_decay": fields.weight_decay, mask: decay_mask}
    elif fields.weight_decay:  # coupled: added to the gradient
        parts.append(optax.add_decayed_weights(fields.weight_decay, decay_mask))
    parts.append(_call(f"optimizer {fields.name!r}", known[fields.name], schedule(fields, steps), **options))
    if rates or frozen:
        parts.append(_by_name(scale))
    return optax.chain(*parts) if len(parts) > 1 else parts[0]


def _by_name(function) -> optax.GradientTransformation:
    return optax.stateless(lambda updates, _: map_named(function, updates))


def by_player(fields: Mapping, steps: int):
    """`optimizer(name, updates=1)` for a task's `make`: the player's own fields, or the shared ones when there is one player."""

    def optimizer(player: str, updates: int = 1) -> optax.GradientTransformation:
        mine = fields.get(player, fields)
        if "name" not in mine:
            raise unknown("optimizer of player", player, list(fields))
        return make(mine, steps * updates)

    return optimizer
