"""Bag-of-words language model: the next word from the mean vector of the words before it, whose order is lost.

Paper: Mikolov, Chen, Corrado, Dean, "Efficient Estimation of Word Representations in Vector Space", 2013, whose continuous bag of words
looks ahead too. Reproduced: what order is worth; `language/ngrams` shuffles the words before each word, which changes nothing here.
Command: python -m dlcv.run --config=experiments/language/bag_of_words.py
`default`, prose: test perplexity 63.0 ± 0.3, 3 seeds.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    config = catalogue.load(f"experiments/language/word_lm.py:{rung}")
    config.task_kw.update(network="bag_of_words")
    config.task_kw.window = 8
    config.reference = {}
    return config
