"""Where a decoder looks: attention weights over a source, a row a target token, labels in any script.

Right-to-left sources run from right to left. Characters are drawn in the first installed font that has them; where none has, their code
point stands in their place and one line says what to install. No font comes with the project.
"""

import logging
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib import font_manager, ft2font, pyplot

log = logging.getLogger("dlcv")
SHAPED = hasattr(ft2font, "__libraqm_version__")  # matplotlib 3.11 orders right-to-left text itself
PLACEHOLDERS = ("Last Resort",)  # fonts that have a box for every character


def draw(pairs: Sequence[Mapping[str, Any]], title: str = "attention of the decoder to the source"):
    """Pairs {"source": S labels, "target": T labels, "weights": [T, S], "caption": ...}, a panel each; weights 0 white, 1 or "most" black."""
    widest = max(len(pair["source"]) for pair in pairs)
    columns = min(3 if widest < 30 else 1, len(pairs))
    lines = [pairs[first : first + columns] for first in range(0, len(pairs), columns)]
    heights = [max(0.17 * max(len(pair["target"]) for pair in line) + 1.5, 2.0) for line in lines]
    every = [label for pair in pairs for side in ("source", "target") for label in pair[side]]
    families, missing = fonts("".join(every))
    if missing:
        names = " ".join(f"{character} (U+{ord(character):04X})" for character in sorted(missing)[:8]) + " ..." * (
            len(missing) > 8
        )
        log.warning("no installed font has %s: install one of that script, such as Noto Sans", names)
    with pyplot.rc_context({"font.family": families}):
        size = (columns * max(0.17 * widest + 1.2, 2.5), sum(heights) + 0.3)
        figure, axes = pyplot.subplots(
            len(lines), columns, figsize=size, height_ratios=heights, squeeze=False, layout="constrained"
        )
        for axis in axes.flat[len(pairs) :]:
            axis.axis("off")
        for axis, pair in zip(axes.flat, pairs, strict=False):
            _panel(axis, pair, missing)
        figure.suptitle(title, fontsize=10)
        figure.canvas.draw()  # while the fonts are chosen
    return figure


def _panel(axis, pair: Mapping[str, Any], missing: Iterable[str]) -> None:
    source, target = ([shown(label, missing) for label in pair[side]] for side in ("source", "target"))
    scale = dict(vmin=0, vmax=pair.get("most", 1))
    axis.imshow(np.asarray(pair["weights"]), cmap="gray_r", **scale, aspect="equal", interpolation="nearest")
    axis.set_anchor("W")
    axis.set_xticks(range(len(source)), source, fontsize=7)
    axis.set_yticks(range(len(target)), target, fontsize=7)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    for label in axis.get_xticklabels():
        label.set_rotation(90 if len(label.get_text()) > 1 else 0)
    if right_to_left("".join(pair["source"])):
        axis.invert_xaxis()
    if right_to_left("".join(pair["target"])):
        axis.yaxis.tick_right()
    if pair.get("caption"):
        axis.set_xlabel(pair["caption"], fontsize=7)


def right_to_left(text: str) -> bool:
    """Whether more of its letters belong to Hebrew, Arabic and the like than to other scripts."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    return sum(kind in ("R", "AL") for kind in kinds) > kinds.count("L")


def shown(label: str, missing: Iterable[str] = (), shaped: bool = SHAPED) -> str:
    """The label as it is handed to matplotlib: spaces visible, code points for missing characters, in visual order where it is not
    `shaped` by matplotlib itself."""
    label = "".join(f"U+{ord(c):04X}" if c in set(missing) else "␣" if c == " " else c for c in label)
    return label[::-1] if right_to_left(label) and not shaped else label


def fonts(text: str) -> tuple[list[str], set[str]]:
    """Families that together have the characters of a text, matplotlib's default first, and the characters that none has."""
    wanted = {character for character in text if not character.isspace()} | {"␣"}
    families = ["DejaVu Sans"]
    missing = wanted - _covered(font_manager.findfont("DejaVu Sans"), frozenset(wanted))
    for font in sorted(font_manager.fontManager.ttflist, key=lambda font: font.name) if missing else ():
        if not font.name.startswith(PLACEHOLDERS) and (found := _covered(font.fname, frozenset(missing))):
            families.append(font.name)
            missing -= found
    return families, missing


@lru_cache(maxsize=512)
def _covered(file: str, characters: frozenset[str]) -> set[str]:
    try:
        table = font_manager.get_font(file).get_charmap()
    except (RuntimeError, OSError):  # a damaged font of the machine
        return set()
    return {character for character in characters if ord(character) in table}
