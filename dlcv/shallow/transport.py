"""Optimal transport with a group lasso over classes: target samples receive mass from few classes."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from dlcv.shallow.kernels import squared_distances
from dlcv.shallow.projection import Projection, closed_form


@closed_form
def ot_gl(source, source_labels, target, *, entropy=0.05, group=0.1, iterations=10) -> Projection:
    """OT-GL: min <plan, C> + entropy sum plan log plan + group sum_{class, j} |plan[class, j]|_2 under uniform marginals.

    C holds squared distances over their maximum. Source samples go to the mean of the target under their row of the plan; new
    ones move as their nearest source sample did (Ferradans, Papadakis, Peyré, Aujol, "Regularized Discrete Optimal Transport",
    2014). `history` holds "objective" and the plan's "marginal_error"; no iteration needs labels. Courty, Flamary, Tuia,
    Rakotomamonjy, "Optimal Transport for Domain Adaptation", 2017. Raises Misuse for bad input and no entropy.
    """
    cost_ST = squared_distances(source, target)
    cost_ST = cost_ST / cost_ST.max()
    member_SC = jax.nn.one_hot(source_labels, int(source_labels.max()) + 1, dtype=source.dtype)
    state, history = start(cost_ST), []
    for _ in range(iterations):
        state = mirror_step(state, cost_ST, member_SC, entropy, group)
        value = objective(state.log_plan_ST, cost_ST, member_SC, entropy, group)
        history.append({"objective": value, "marginal_error": state.error})
    moved = jnp.exp(state.log_plan_ST) @ target * len(source)

    def follow(x, domain):
        if domain == "target":
            return x
        return x + (moved - source)[jnp.argmin(squared_distances(x, source), axis=1)]

    return Projection(moved, target, follow, tuple(history))


@jax.jit
def objective(
    log_plan_ST: Float[Array, "S T"], cost_ST: Float[Array, "S T"], member_SC: Float[Array, "S C"], entropy, group
) -> Array:
    """The cost of a plan with both penalties; a log plan of -inf counts nothing."""
    plan_ST = jnp.exp(log_plan_ST)
    terms_ST = plan_ST * (cost_ST + entropy * jnp.where(plan_ST > 0, log_plan_ST, 0.0))
    return jnp.sum(terms_ST) + group * jnp.sum(jnp.sqrt(member_SC.T @ plan_ST**2))


class State(NamedTuple):
    """The logarithm of a plan, the potentials from which Sinkhorn starts next, and the columns' total error."""

    log_plan_ST: Float[Array, "S T"]
    of_source_S: Float[Array, " S"]
    of_target_T: Float[Array, " T"]
    error: Float[Array, ""]


def start(cost_ST: Float[Array, "S T"]) -> State:
    """The independent plan."""
    rows, columns = cost_ST.shape
    return State(jnp.full(cost_ST.shape, -jnp.log(rows * columns)), jnp.zeros(rows), jnp.zeros(columns), jnp.zeros(()))


@jax.jit
def mirror_step(state: State, cost_ST: Float[Array, "S T"], member_SC: Float[Array, "S C"], entropy, group) -> State:
    """The group lasso linearised, plus group times the divergence KL(new plan, old plan): again an entropic problem.

    The Hessian of |p|_2 is at most that of sum p log p, since no p_i exceeds |p|_2. So this bounds the objective from above, which
    never rises and falls to its minimum by the factor group / (group + entropy) an iteration. Lu, Freund, Nesterov,
    "Relatively Smooth Convex Optimization by First-Order Methods, and Applications", 2018.
    """
    plan_ST = jnp.exp(state.log_plan_ST)
    norms_ST = member_SC @ jnp.sqrt(member_SC.T @ plan_ST**2)
    slope_ST = plan_ST / jnp.where(norms_ST > 0, norms_ST, 1.0)
    pulled_ST = cost_ST + group * (slope_ST - state.log_plan_ST)
    return sinkhorn(pulled_ST, entropy + group, state.of_source_S, state.of_target_T)


def sinkhorn(
    cost_ST: Float[Array, "S T"],
    entropy,
    of_source_S: Float[Array, " S"],
    of_target_T: Float[Array, " T"],
    *,
    tolerance: float = 1e-8,
    blocks: int = 500,
    scalings: int = 20,
) -> State:
    """argmin <plan, C> + entropy sum plan log plan under uniform marginals, from given potentials.

    Blocks of plain scalings on exp((f + g - C) / entropy), whose logarithms are absorbed into f and g, so that a small entropy
    cannot underflow. Stops when the columns' total error falls below `tolerance`, or after `blocks`: `error` says which. Cuturi,
    "Sinkhorn Distances: Lightspeed Computation of Optimal Transport", 2013; Schmitzer, "Stabilized Sparse Scaling Algorithms for
    Entropy Regularized Transport Problems", 2019.
    """
    rows, columns = cost_ST.shape

    def block(carry):
        count, state = carry
        f_S = -entropy * (jax.nn.logsumexp((state.of_target_T - cost_ST) / entropy, axis=1) + jnp.log(rows))
        log_ST = (f_S[:, None] + state.of_target_T - cost_ST) / entropy
        kernel_ST = jnp.exp(log_ST)

        def scale(_, uv):
            v_T = 1.0 / (columns * (uv[0] @ kernel_ST))
            return 1.0 / (rows * (kernel_ST @ v_T)), v_T

        u_S, v_T = jax.lax.fori_loop(0, scalings, scale, (jnp.ones(rows), jnp.ones(columns)))
        error = jnp.sum(jnp.abs(v_T * (u_S @ kernel_ST) - 1.0 / columns))
        f_S, g_T = f_S + entropy * jnp.log(u_S), state.of_target_T + entropy * jnp.log(v_T)
        return count + 1, State(log_ST + jnp.log(u_S)[:, None] + jnp.log(v_T), f_S, g_T, error)

    def going(carry):
        return (carry[0] < blocks) & (carry[1].error > tolerance)

    begin = State(jnp.zeros_like(cost_ST), of_source_S, of_target_T, jnp.asarray(jnp.inf))
    return jax.lax.while_loop(going, block, (0, begin))[1]
