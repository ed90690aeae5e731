"""Where arrays live: a mesh from the config, and ordered (regex, axes) rules over parameter paths."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from dlcv.errors import Misuse, unknown
from dlcv.ops.paths import first_match, map_named

DATA_PARALLEL = ((".*", ()),)  # every parameter whole on every device


def rules(sharding: str | Sequence, layouts: Mapping[str, Sequence]) -> Sequence:
    """The rule list of `config.sharding`: itself, or the task's layout of that name. Raises Misuse for an unknown name."""
    if not isinstance(sharding, str):
        return sharding
    known = {"data": DATA_PARALLEL, **layouts}
    if sharding not in known:
        raise unknown("config.sharding", sharding, known)
    return known[sharding]


def make_mesh(axes: Mapping[str, int]) -> Mesh:
    """The mesh named by the config, one axis may be -1. Raises Misuse when the sizes do not fit the devices."""
    sizes, devices = dict(axes), jax.device_count()
    if "data" not in sizes:
        raise Misuse(f"config.mesh has axes {', '.join(sizes)}; it needs one called 'data'")
    fixed = int(np.prod([size for size in sizes.values() if size != -1]))
    free = [name for name, size in sizes.items() if size == -1]
    if len(free) > 1 or any(size < 1 and size != -1 for size in sizes.values()):
        raise Misuse(f"config.mesh {sizes}: at most one axis may be -1, the others at least 1")
    if devices % fixed or (not free and fixed > devices):
        raise Misuse(f"config.mesh {sizes} does not fit {devices} device{'s' if devices > 1 else ''}")
    if free:
        sizes[free[0]] = devices // fixed
    chosen = jax.devices()[: int(np.prod(list(sizes.values())))]
    return jax.make_mesh(tuple(sizes.values()), tuple(sizes), axis_types=(AxisType.Auto,) * len(sizes), devices=chosen)


def check_batch(mesh: Mesh, rows: int, what: str) -> None:
    """Raises Misuse unless the data axis divides the batch."""
    if rows % mesh.shape["data"]:
        raise Misuse(f"{what}={rows} is not divisible by the {mesh.shape['data']} devices of mesh axis 'data'")


def parameter_specs(params: Any, rules: Sequence, mesh: Mesh) -> Any:
    """A PartitionSpec per parameter: the axes of the first rule whose regex is found in its path, trailing dimensions whole.

    Raises Misuse for a parameter that no rule covers, an axis that the mesh lacks, or a dimension that it does not divide.
    """

    def spec(name: str, leaf) -> PartitionSpec:
        axes = first_match(rules, name)
        if axes is None:
            raise Misuse(
                f"config.sharding covers no parameter {name!r}; end the list with ('.*', ()) to replicate the rest"
            )
        axes = tuple(axes)[: leaf.ndim]
        for size, axis in zip(leaf.shape, axes, strict=False):
            if axis and axis not in mesh.shape:
                raise Misuse(
                    f"config.sharding of {name!r} names axis {axis!r}; config.mesh has {', '.join(mesh.shape)}"
                )
            if axis and size % mesh.shape[axis]:
                raise Misuse(
                    f"config.sharding of {name!r}: {size} is not divisible by the {mesh.shape[axis]} devices of {axis!r}"
                )
        return PartitionSpec(*axes)

    return map_named(spec, params)


def state_shardings(state: Any, rules: Sequence, mesh: Mesh) -> Any:
    """NamedShardings for a whole State (of shapes): whatever follows a parameter (moments, averages) is laid out as it is."""
    flat = {}
    map_named(lambda name, leaf, spec: flat.setdefault(name, (leaf.shape, spec)), state.variables.params,
              parameter_specs(state.variables.params, rules, mesh))  # fmt: skip

    def place(name: str, leaf) -> NamedSharding:
        if name.startswith("variables/carry"):
            return NamedSharding(mesh, PartitionSpec("data"))
        parts = name.split("/")
        for start in range(len(parts)):
            shape, spec = flat.get("/".join(parts[start:]), (None, None))
            if shape == leaf.shape:
                return NamedSharding(mesh, spec)
        return NamedSharding(mesh, PartitionSpec())

    return map_named(place, state)


def place(tree: Any, shardings: Any) -> Any:
    """Host arrays (the same on every process) as global arrays; each process materialises its own slices alone."""

    def one(array, sharding):
        array = np.asarray(array)
        return jax.make_array_from_callback(array.shape, sharding, lambda index: array[index])

    return jax.tree.map(one, tree, jax.tree.broadcast(shardings, tree))


def fetch(tree: Any) -> Any:
    """Arrays of any layout as numpy arrays on every process."""
    if jax.process_count() == 1:
        return jax.device_get(tree)
    from jax.experimental import multihost_utils

    return multihost_utils.process_allgather(tree, tiled=True)
