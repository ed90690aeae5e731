"""Word vectors of `experiments/language/word2vec.py:small` beside gensim's: same text, settings and seeds.

python benchmarks/word2vec.py --data_dir=DATA --workdir=WORKDIR [--model=cbow] [--output=FILE.json]

Trains ours where the workdir has no result yet, then gensim (one worker, so that its seeds mean something), and prints the rank correlation
of each similarity set and the share of analogies solved, mean and standard deviation over seeds. Needs `pip install gensim`.
"""

import json
from pathlib import Path

import numpy as np
from absl import app, flags, logging

from dlcv.data.word_corpora import corpus
from dlcv.engine import catalogue, loop
from dlcv.engine.writers import spread
from dlcv.language.vocabulary import SPECIALS
from dlcv.quality import word_vectors
from dlcv.tasks.word2vec import weighted

DATA_DIR = flags.DEFINE_string("data_dir", None, "folder of ptb/ and word_eval/", required=True)
WORKDIR = flags.DEFINE_string("workdir", None, "where our run is, or goes", required=True)
MODEL = flags.DEFINE_enum("model", "skip_gram", ["skip_gram", "cbow"], "which of the two models")
OUTPUT = flags.DEFINE_string("output", None, "JSON file to write")


def gensim_vectors(data, seed: int, width: int, passes: int) -> tuple[np.ndarray, dict[str, int]]:
    """Vectors [V, D] and the number of each word, trained by gensim under the same options."""
    from gensim.models import Word2Vec

    unknown = set(SPECIALS)
    lines = [[w for w in line if w not in unknown] for line in corpus(data.corpus, DATA_DIR.value).splits["train"]]
    model = Word2Vec(
        lines, vector_size=width, window=data.window, min_count=data.minimum, sg=int(data.model == "skip_gram"),
        negative=data.negatives, sample=data.sample, epochs=passes, alpha=0.025, min_alpha=0.0001, seed=seed, workers=1,
    )  # fmt: skip
    return model.wv.vectors, dict(model.wv.key_to_index)


def judged(vectors, words, info) -> dict[str, float]:
    """As of the task's scores."""
    found = {
        f"similarity/{k}": v for k, v in weighted(word_vectors.similarities(vectors, words, info["similarity"])).items()
    }
    solved = weighted(word_vectors.analogies(vectors, words, info["analogies"]))
    return found | {"analogies/solved": solved["mean"]}


def main(_):
    logging.set_verbosity(logging.FATAL)  # what goes wrong is raised as well
    experiment = catalogue.experiment("experiments/language/word2vec.py:small", DATA_DIR.value)
    experiment.config.data.model = MODEL.value
    result, info = loop.train(experiment, Path(WORKDIR.value), quiet=True), experiment.data.info
    passes = round(experiment.config.steps * experiment.config.batch_size / experiment.data.facts["windows_a_pass"])
    theirs = [
        judged(*gensim_vectors(experiment.config.data, seed, experiment.config.task_kw.width, passes), info)
        for seed in result["seeds"]
    ]
    found = {}
    print(f"{'':28}{'ours':>18}{'gensim':>18}{'difference':>12}   {passes} passes, {len(theirs)} seeds")
    for name in theirs[0]:
        ours, other = result["metrics"][name], spread([values[name] for values in theirs])
        found[name] = {"ours": ours, "gensim": other}
        told = [f"{value['mean']:.3f} ± {value['std']:.3f}" for value in (ours, other)]
        print(f"{name:28}{told[0]:>18}{told[1]:>18}{ours['mean'] - other['mean']:>+12.3f}")
    if OUTPUT.value:
        Path(OUTPUT.value).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    app.run(main)
