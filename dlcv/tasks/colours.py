"""Colourfulness of what a task paints, beside the truth's."""

from collections.abc import Mapping

from dlcv.engine.task import Metric
from dlcv.ops.images import from_bytes, to_unit
from dlcv.quality.colourfulness import colourfulness


def colour_metrics(painted: str) -> Mapping[str, Metric]:
    """`colourfulness` of the output `painted` [B, Y, X, 3], `true_colourfulness` of the batch's images; pixels in [0, 1]."""
    return {
        "colourfulness": Metric(lambda outputs, batch: colourfulness(outputs[painted])),
        "true_colourfulness": Metric(lambda outputs, batch: colourfulness(to_unit(from_bytes(batch["image"])))),
    }
