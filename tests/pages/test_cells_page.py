"""The page of cells in a real browser, opened from disk: a cell is chosen, colours are the activations, the console stays silent."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from dlcv import pages

TEXT = 'if a < "</script>":\n    return 1 & 2  # ünlikely\n'
UNITS = 6
VALUES = np.random.default_rng(0).uniform(-1, 1, (len(TEXT), UNITS)).astype(np.float32)
DETECTORS = [
    dict(label="inside strings", unit=4, name="layer 0 c 4", measure="F1", score=0.81, baseline=0.2),
    dict(label="position in line", unit=2, name="layer 0 c 2", measure="|r|", score=0.9, baseline=0.1),
]


class Parts(HTMLParser):
    """The text's characters, their attributes, and the content of every element with an id."""

    def __init__(self, document: str):
        super().__init__()
        self.spans, self.chosen, self.texts, self.ids = [], [], {}, []
        self.feed(document)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "span" and self.ids[-1] == "text":
            self.spans.append(found)
        if tag == "tr" and found.get("class") == "chosen":
            self.chosen.append(int(found["data-unit"]))

    def handle_data(self, data):
        if self.ids:
            self.texts[self.ids[-1]] = self.texts.get(self.ids[-1], "") + data


@pytest.fixture
def page(tmp_path):
    return pages.cells(
        tmp_path / "cells.html", "a model", TEXT, [f"layer 0 c {unit}" for unit in range(UNITS)], VALUES, DETECTORS
    )


def colours(unit: int) -> list[str]:
    """Blue over white to red of the activations themselves, by another route than the page's: a table of interpolated channels."""
    kept = np.rint(VALUES[:, unit] * 127) / 127
    channels = [
        np.interp(kept, [-1, 0, 1], [low, 255, high]) for low, high in zip((33, 102, 172), (178, 24, 43), strict=True)
    ]
    return [f"rgb({r}, {g}, {b})" for r, g, b in np.floor(np.stack(channels, 1) + 0.5).astype(int).tolist()]


def assert_painted(found: Parts, unit: int):
    assert len(found.spans) == len(TEXT)
    styles = [dict(part.split(": ", 1) for part in span["style"].rstrip(";").split("; ")) for span in found.spans]
    assert [style["background-color"] for style in styles] == colours(unit)


def told(found: Parts) -> float:
    return float(found.texts["value"].split(": ")[-1])


def test_it_opens_from_disk_on_the_best_detector(page, opened):
    document, console = opened(page)
    found = Parts(document)
    assert console == [] and found.chosen == [4]
    assert_painted(found, 4)
    assert "".join(found.texts["text"].split()) == "".join(TEXT.split())
    assert "inside strings" in found.texts["detectors"] and "F1 0.81" in found.texts["detectors"]


def test_a_cell_and_a_character_are_chosen_by_the_address(page, opened):
    document, console = opened(page, "#cell=2&character=12")
    found = Parts(document)
    assert console == [] and found.chosen == [2]
    assert_painted(found, 2)
    assert told(found) == pytest.approx(VALUES[12, 2], abs=0.01)
    assert found.spans[12]["class"] == "pinned"


def test_a_cell_is_chosen_by_its_control_and_a_character_tells_its_value(page, opened, with_script):
    script = """
      const control = document.getElementById("cell");
      control.value = "1";
      control.dispatchEvent(new Event("change"));
      setTimeout(() => document.getElementById("text").children[7].dispatchEvent(new Event("mouseenter")), 200);
    """
    document, console = opened(with_script(page, script))
    found = Parts(document)
    assert console == [] and found.chosen == []
    assert_painted(found, 1)
    assert found.texts["value"].startswith("character 7 ") and told(found) == pytest.approx(VALUES[7, 1], abs=0.01)


def test_an_error_on_the_console_is_noticed(page, opened, with_script):
    _, console = opened(with_script(page, "undefined.missing;"))
    assert console and "TypeError" in console[0]


def test_it_asks_nothing_of_any_other_file(page):
    source = page.read_text("utf-8")
    assert not re.search(r"https?://|@import|\bfetch\(|XMLHttpRequest|url\(", source)
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", source) == ["data:,"]
    assert source.count("</script>") == 2  # the text's own is escaped
