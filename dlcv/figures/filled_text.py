"""Text whose hidden words were filled in: right ones on green ground, wrong ones on red with the truth behind them."""

from collections.abc import Mapping, Sequence

from matplotlib import pyplot

RIGHT, WRONG = "#b7e1b0", "#f4b6ae"


def draw(rows: Sequence[tuple[Sequence[str], Mapping[int, str]]], columns: int = 120):
    """Rows (tokens, {place: what was filled in}), broken into lines of at most `columns` characters."""
    lines, right, hidden = [], 0, 0
    for tokens, guesses in rows:
        lines.append([])
        used = 0
        for place, token in enumerate(tokens):
            guess = guesses.get(place)
            written = token if guess is None or guess == token else f"{guess} ({token})"
            if used + len(written) > columns:
                lines.append([])
                used = 0
            lines[-1].append((used, written, None if guess is None else RIGHT if guess == token else WRONG))
            used += len(written) + 1
            right, hidden = right + (guess == token), hidden + (guess is not None)
    figure, axes = pyplot.subplots(figsize=(columns * 0.072 + 0.4, len(lines) * 0.28 + 0.5), layout="constrained")
    for row, line in enumerate(lines):
        for place, written, colour in line:
            ground = dict(facecolor=colour, edgecolor="none", pad=1.5) if colour else None
            axes.text(
                place, -row, written.replace("$", r"\$"), fontsize=8, family="DejaVu Sans Mono", va="center",
                color="black" if colour else "0.35", bbox=ground,
            )  # fmt: skip
    axes.set_xlim(-1, columns + 2)
    axes.set_ylim(-len(lines) + 0.4, 0.6)
    axes.set_axis_off()
    axes.set_title(f"hidden words filled in: {right} of {hidden} right; wrong ones (with what stood there)", fontsize=9)
    return figure
