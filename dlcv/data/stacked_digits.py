"""Three digits in the red, green and blue channel: 1,000 modes, labelled 100 r + 10 g + b, on which lost ones can be counted.

Options: of={"name": "digits"} or {"name": "mnist"}, grey sets of ten classes, and what that set takes. Digits of valid occur nowhere
in train. Sources: Metz et al., "Unrolled Generative Adversarial Networks", 2017; Lin et al., "PacGAN", 2018.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

import dlcv.data as sets
from dlcv.data.images import image_data, image_spec
from dlcv.data.source import Data, Examples, Spec
from dlcv.errors import Misuse

CLASSES = tuple(f"{label:03d}" for label in range(1000))
DIGITS = {"name": "digits"}


def spec(*, of: Mapping[str, Any] = DIGITS, draws: int = 25_600, valid_draws: int = 2_560) -> Spec:
    """Images [Y, X, 3] of 1,000 classes; `draws` triples in train, `valid_draws` in valid, each digit drawn with equal chance."""
    for option, given in (("draws", draws), ("valid_draws", valid_draws)):
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            raise Misuse(f"data.{option}={given!r}: expected how many triples are drawn, 1 or more")
    part = sets.spec(of)
    shape = part.example["image"].shape if "image" in part.example else ()
    if len(part.info.get("classes", ())) != 10 or shape[-1:] != (1,):
        raise Misuse(f"data set 'stacked_digits' takes grey images of ten classes, which {of['name']!r} has not here")
    return image_spec(shape[:2], 3, CLASSES, examples={"train": draws, "valid": valid_draws}, stacked=10)


def load(
    *, data_dir: str | None = None, of: Mapping[str, Any] = DIGITS, draws: int = 25_600, valid_draws: int = 2_560
) -> Data:
    """Triples drawn by a fixed seed from each split of the set. Raises Misuse for a set on disk."""
    chosen, part = spec(of=of, draws=draws, valid_draws=valid_draws), sets.load(of, data_dir)
    if not isinstance(part.train, Examples):
        raise Misuse(f"data set 'stacked_digits' takes sets that fit in memory, which {of['name']!r} does not")
    splits, sides = {}, {"train": part.train, "valid": part.splits["valid"]}
    for seed, (split, source) in enumerate(sides.items()):
        rng = np.random.Generator(np.random.Philox(seed))
        rows = rng.integers(len(source), size=(chosen.info["examples"][split], 3))
        images = np.stack([source.arrays["image"][row, ..., 0] for row in rows.T], axis=-1)
        labels = source.arrays["label"][rows] @ np.array([100, 10, 1])
        splits[split] = {"image": images, "label": labels.astype(np.int32)}
    facts = {key: value for key, value in part.facts.items() if key == "sha256"}
    return image_data(chosen, splits, name="stacked_digits", facts=facts)
