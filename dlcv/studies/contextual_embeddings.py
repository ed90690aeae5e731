"""One word in different sentences: does the vector of an occurrence tell its sense, which the word's lexical vector cannot?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from dlcv import figures, pretrained
from dlcv.data.docstrings import docstrings
from dlcv.data.marked_rows import single
from dlcv.data.sentences import CORPORA, sentences
from dlcv.engine import catalogue, loop
from dlcv.engine.experiment import Experiment
from dlcv.engine.restore import open_run, weights
from dlcv.engine.writers import spread
from dlcv.errors import Misuse
from dlcv.language.marked import Marked, plain, wordpieces
from dlcv.language.two_senses import SENTENCES
from dlcv.models.bert import bert
from dlcv.tasks import reading

Words = Sequence[tuple[str, Sequence[str]]]  # a word and the sources of its sentences, one a sense


class Encoder(NamedTuple):
    """A trained encoder: its module, the parameters of each seed, its tokeniser, and the steps and seconds of its training if known."""

    model: Any
    params: Sequence[Mapping[str, Any]]
    reader: Marked
    trained: Mapping[str, float]


def run(
    config, folder: Path, data_dir: str | None, quiet: bool, *, source: str, words: Words, occurrences: int = 40, width: int = 64,
) -> dict[str, Any]:  # fmt: skip
    """How often the nearest neighbour of a word's occurrence has its sense, of at most `occurrences` sentences a sense from named sources.

    A source is a corpus of `dlcv.data.sentences.CORPORA`, a sense of `dlcv.language.two_senses.SENTENCES`, a text file, or a package of
    Python's library. `source` of the weights is an
    experiment that is trained into `<folder>/run`, a workdir, or another library's checkpoint. Raises Misuse for a word that a source has
    less than twice.
    """
    encoder = opened(config, source, folder / "run", data_dir, quiet)
    texts = {name: _texts(name, data_dir) for _, names in words for name in names}
    found, by_word = {}, {}
    for word, names in words:
        rows = occurring(word, {name: texts[name] for name in names}, encoder.reader, occurrences, width)
        scores, shown = judged(encoder, *rows)
        by_word[word] = scores
        last = len(shown["layers"]) - 1
        found[word] = {
            "vectors": shown["layers"][last], "lexical": shown["lexical"], "senses": rows[2],
            "accuracy": (scores[0][f"layer {last}"], scores[0]["lexical"]),
        }  # fmt: skip
    by_seed = with_mean(by_word)
    metrics = {name: spread(values) for name, values in by_seed.items()}
    table = as_table(by_seed, list(by_word), list(scores[0]))
    (folder / "table.md").write_text(table + "\n")
    title = "vectors of the last layer, of length 1, on principal axes; seed 0"
    figures.draw("word_senses", folder / "figures" / "word_senses.png", words=found, title=title)
    if not quiet:
        print(f"\n{table}\n\nfigures in {folder / 'figures'}", flush=True)
    seeds = list(range(config.seed, config.seed + len(encoder.params)))
    return {"metrics": metrics, "by_seed": by_seed, "seeds": seeds, **encoder.trained}


def opened(config, source: str, place: Path, data_dir: str | None, quiet: bool) -> Encoder:
    """The encoder that `source` names. Raises Misuse for a run whose task has no vectors of tokens."""
    if pretrained.is_checkpoint(source):
        checkpoint = pretrained.opened(source)
        params = checkpoint.params()
        model = bert(
            vocabulary=checkpoint.config["vocab_size"], heads=(), pooled="pooler" in params, **checkpoint.fields
        )
        return Encoder(model, [params], wordpieces(source), {})
    if ".py" in source:
        experiment = catalogue.experiment(source, data_dir, seed=config.seed, seeds=config.seeds)
        result = loop.train(experiment, place, quiet=quiet)
        found, trained = weights(experiment, place)[1], {name: result[name] for name in ("step", "seconds")}
    else:
        experiment, step, found = open_run(source, data_dir)
        trained = {"step": step}
    params = [variables.params["model"] for variables in found]
    return Encoder(_model(experiment), params, experiment.data.info["reader"], trained)


def _model(experiment: Experiment) -> Any:
    maker = experiment.task.makers.get("vectors")
    if maker is None:
        raise Misuse(
            f"task {experiment.config.task!r} has no vectors of tokens: start from a run of bert.py or sst2.py"
        )
    return maker.args[0]


def _texts(name: str, data_dir: str | None) -> Sequence[str]:
    if name in SENTENCES:
        return [plain(text) for text in SENTENCES[name]]
    if name not in CORPORA and not Path(name).exists():
        return docstrings(name)
    splits = sentences(name, data_dir).splits
    return [*splits["valid"], *splits["train"]]


def occurring(
    word: str, texts: Mapping[str, Sequence[str]], reader: Marked, most: int, width: int
) -> tuple[dict[str, np.ndarray], np.ndarray, list[str]]:
    """(rows of sentences with the word, True [N, width] on its tokens, the sense of each): at most `most` of each source."""
    wanted, rows, places, senses = reader.encode(word).tolist(), [], [], []
    for sense, lines in texts.items():
        for line in lines:
            if senses.count(sense) == most:
                break
            if f" {word} " not in f" {line} ":
                continue
            tokens = reader.encode(line).tolist()[: width - 2]
            starts = [at for at in range(len(tokens)) if tokens[at : at + len(wanted)] == wanted]
            if starts:
                rows.append(tokens)
                places.append(starts[0] + 1)
                senses.append(sense)
        if senses.count(sense) < 2:
            raise Misuse(f"{sense!r} has {word!r} less than twice: choose another word or source")
    columns = np.arange(width) - np.array(places)[:, None]
    return single(rows, width, reader), (columns >= 0) & (columns < len(wanted)), senses


def judged(
    encoder: Encoder, rows: Mapping[str, np.ndarray], here: np.ndarray, senses: Sequence[str]
) -> tuple[list[dict], dict]:
    """(of each seed {"lexical" and "layer 0", "layer 1" ...: share}, the first seed's vectors)."""
    scores, first = [], {}
    labels = np.unique(senses, return_inverse=True)[1]
    for params in encoder.params:
        hidden_BNLD = reading.hidden(encoder.model, params, rows)
        layers_NBD = (hidden_BNLD * here[:, None, :, None]).sum(2).swapaxes(0, 1) / here.sum(1)[:, None]
        table = np.asarray(params["embedding"]["tokens"])
        lexical_D = table[rows["tokens"][0][here[0]]].mean(0)
        found = {"lexical": same_sense(np.tile(lexical_D, (len(labels), 1)), labels)}
        found |= {f"layer {index}": same_sense(vectors, labels) for index, vectors in enumerate(layers_NBD)}
        scores.append(found)
        first = first or {"layers": layers_NBD, "lexical": lexical_D}
    return scores, first


def same_sense(vectors_ND: Float[np.ndarray, "N D"], labels: np.ndarray) -> float:
    """The share of vectors whose nearest other one by cosine has their label; among equally near ones, that of a random one."""
    unit = vectors_ND / np.maximum(np.linalg.norm(vectors_ND, axis=1, keepdims=True), 1e-12)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    nearest = cosines >= cosines.max(1, keepdims=True) - 1e-6
    right = (labels[:, None] == labels) & nearest
    return float((right.sum(1) / nearest.sum(1)).mean())


def with_mean(by_word: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, list[float]]:
    """The scores of each word and seed as "<word>/<score>" -> a value a seed, and under "mean" each seed's mean over the words."""
    found = {f"{word}/{kind}": [seed[kind] for seed in seeds] for word, seeds in by_word.items() for kind in seeds[0]}
    for kind in next(iter(by_word.values()))[0]:
        found[f"mean/{kind}"] = np.mean([found[f"{word}/{kind}"] for word in by_word], axis=0).tolist()
    return found


def as_table(by_seed: Mapping[str, Sequence[float]], words: Sequence[str], kinds: Sequence[str]) -> str:
    """Markdown: a word a row, per cent of occurrences whose nearest neighbour has their sense, by layer; the spread of more than one seed."""
    lines = [f"| {' | '.join(['word', *kinds])} |", "|" + "---|" * (len(kinds) + 1)]
    for word in (*words, "mean"):
        values = [by_seed[f"{word}/{kind}"] for kind in kinds]
        found = [{name: 100 * value for name, value in spread(seeds).items()} for seeds in values]
        cells = [f"{one['mean']:.1f}" + f" ± {one['std']:.1f}" * (len(values[0]) > 1) for one in found]
        lines.append(f"| {' | '.join([word, *cells])} |")
    return "\n".join(lines)
