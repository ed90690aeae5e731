"""The page of attention in a real browser, opened from disk: what it draws are the weights it was given."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from dlcv.pages.attention import document

SOURCE, TARGET = ["Zwei", "Hunde", "</script>", "."], ["<s>", "two", " ", "ünlikely", "dogs"]
rng = np.random.default_rng(0)


def drawn_at_random(layers, heads, rows, columns):
    return rng.dirichlet(np.full(columns, 0.5), (layers, heads, rows)).astype(np.float32)


WEIGHTS = {
    "encoder": drawn_at_random(2, 3, 4, 4),
    "decoder": np.tril(drawn_at_random(2, 3, 5, 5)),
    "cross": drawn_at_random(2, 3, 5, 4),
}
LABELS = {"encoder": (SOURCE, SOURCE), "decoder": (TARGET, TARGET), "cross": (TARGET, SOURCE)}
PARTS = [dict(name=name, rows=LABELS[name][0], columns=LABELS[name][1], weights=WEIGHTS[name]) for name in WEIGHTS]


class Tokens(HTMLParser):
    """Of each side: the spans' attributes and texts; and what else stands in elements with an id."""

    def __init__(self, source: str):
        super().__init__()
        self.sides, self.words, self.texts, self.here = {"rows": [], "columns": []}, {"rows": [], "columns": []}, {}, ""
        self.feed(source)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.here = found.get("id", self.here)
        if tag == "span" and self.here in self.sides:
            self.sides[self.here].append(found)

    def handle_endtag(self, tag):
        self.here = "" if tag == "div" else self.here

    def handle_data(self, data):
        self.texts[self.here] = self.texts.get(self.here, "") + data
        if self.here in self.sides and data.strip():
            self.words[self.here].append(data)


@pytest.fixture
def page(tmp_path):
    file = tmp_path / "attention.html"
    file.write_text(document("a model", PARTS), "utf-8")
    return file


def kept(weights: np.ndarray) -> np.ndarray:
    """To the nearest 1 / 255 of the root, by another route than the page's: a search among all that can be kept."""
    able = (np.arange(256) / 255) ** 2
    roots = np.sqrt(able)
    return able[np.abs(np.sqrt(weights)[..., None] - roots).argmin(-1)]


def colours(weights: np.ndarray) -> list[str]:
    channels = [np.floor(np.interp(np.sqrt(weights), [0, 1], [255, dark]) + 0.5).astype(int) for dark in (8, 48, 107)]
    return [f"rgb({r}, {g}, {b})" for r, g, b in np.stack(channels, -1).reshape(-1, 3).tolist()]


def assert_drawn(found: Tokens, side: str, weights: np.ndarray):
    """The tokens of a side are coloured by these weights, and name them."""
    styles = [dict(part.split(": ", 1) for part in one["style"].rstrip(";").split("; ")) for one in found.sides[side]]
    assert [style["background-color"] for style in styles] == colours(weights)
    np.testing.assert_allclose([float(one["title"]) for one in found.sides[side]], weights, atol=6e-5)


def test_it_opens_from_disk_on_the_first_part_and_the_last_layer(page, opened):
    source, console = opened(page)
    found = Tokens(source)
    assert console == []
    assert found.words == {"rows": SOURCE, "columns": SOURCE} and found.texts["told"] == "hover a token"
    assert all(not one.get("style") for one in found.sides["columns"])


@pytest.mark.parametrize("head", [0, 2, "mean"])
def test_the_keys_of_a_query_are_drawn_by_their_weights(page, opened, head):
    source, console = opened(page, f"#part=cross&layer=1&head={head}&row=3")
    found, heads_HLM = Tokens(source), WEIGHTS["cross"][1]
    expected = kept(heads_HLM).mean(0)[3] if head == "mean" else kept(heads_HLM[head, 3])
    assert console == []
    assert_drawn(found, "columns", expected)
    np.testing.assert_allclose(expected, (heads_HLM.mean(0) if head == "mean" else heads_HLM[head])[3], atol=1 / 255)
    assert [one["class"] for one in found.sides["rows"]] == ["", "", "", "pinned", ""]
    best = SOURCE[int(expected.argmax())]
    assert found.texts["told"].startswith(f"ünlikely attends to {best} {expected.max():.2f}")


def test_who_attends_to_a_key_is_drawn_by_the_weights_of_its_column(page, opened):
    source, console = opened(page, "#part=decoder&layer=0&head=1&column=2")
    found = Tokens(source)
    assert console == []
    expected = kept(WEIGHTS["decoder"][0, 1, :, 2])
    assert_drawn(found, "rows", expected)
    assert (expected[:2] == 0).all() and expected.max() > 0.1
    assert found.words["rows"] == ["<s>", "two", "␣", "ünlikely", "dogs"]
    best = found.words["rows"][int(expected.argmax())]
    assert found.texts["told"].startswith(f"␣ is attended to by {best} {expected.max():.2f}")


READ = """
  const canvas = document.querySelector("%s");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  document.getElementById("told").textContent = JSON.stringify([canvas.width, canvas.height, [...data]]);
"""


@pytest.mark.parametrize(("canvas", "layer", "head"), [("#map", 1, 0), ("[data-place='0/2']", 0, 2)])
def test_the_map_and_the_small_maps_have_the_pixels_of_their_weights(page, opened, with_script, canvas, layer, head):
    source, console = opened(with_script(page, READ % canvas), "#part=cross&layer=1&head=0")
    width, height, data = json.loads(Tokens(source).texts["told"])
    assert console == [] and (width, height) == (4, 5)
    pixels = np.reshape(data, (-1, 4))
    assert (pixels[:, 3] == 255).all()
    assert [f"rgb({r}, {g}, {b})" for r, g, b, _ in pixels.tolist()] == colours(kept(WEIGHTS["cross"][layer, head]))


def test_part_and_head_are_chosen_by_their_controls_and_a_token_is_hovered(page, opened, with_script):
    script = """
      const set = (id, value) => {
        document.getElementById(id).value = value;
        document.getElementById(id).dispatchEvent(new Event("change"));
      };
      set("part", "cross");
      setTimeout(() => set("layer", "0"), 100);
      setTimeout(() => set("head", "1"), 200);
      setTimeout(() => document.getElementById("rows").children[4].dispatchEvent(new Event("mouseenter")), 400);
    """
    source, console = opened(with_script(page, script))
    found = Tokens(source)
    assert console == [] and found.words["rows"][-1] == "dogs"
    assert_drawn(found, "columns", kept(WEIGHTS["cross"][0, 1, 4]))


def test_what_the_address_cannot_mean_is_left_aside(page, opened):
    source, console = opened(page, "#part=nothing&layer=7&head=x&row=99")
    assert console == [] and Tokens(source).words["rows"] == SOURCE


def test_it_asks_nothing_of_any_other_file_and_holds_a_byte_a_weight(page):
    source = page.read_text("utf-8")
    assert not re.search(r"https?://|@import|\bfetch\(|XMLHttpRequest|url\(", source)
    assert source.count("</script>") == 2  # the token's own is escaped
    large = document(
        "a model", [dict(name="x", rows=["a"] * 64, columns=["a"] * 64, weights=np.full((6, 8, 64, 64), 1 / 64))]
    )
    assert len(large) < len(source) + 1.4 * 6 * 8 * 64 * 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(weights=np.ones((2, 3, 4, 5))), r"are \[2, 3, 4, 5\], its tokens want \[layers, heads, 4, 4\]"),
        (dict(weights=np.full((1, 1, 4, 4), 1.5)), "expected 0 to 1"),
        (dict(weights=np.full((1, 1, 4, 4), np.nan)), "expected 0 to 1"),
        (dict(name="cross"), "need a name each"),
    ],
)
def test_what_cannot_be_shown_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        document("a model", [PARTS[0] | change, PARTS[2]])
