"""N-grams beside networks: perplexity and size on disk of add-k, Kneser-Ney, a bag of words and an LSTM on the same words.

Papers: Chen, Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling", 1998; Kneser, Ney, "Improved Backing-off for
M-gram Language Modeling", 1995; Mikolov, Zweig, "Context Dependent Recurrent Neural Network Language Model", 2012, for the reported 141.2.
Reproduced: test perplexity of Penn Treebank by order; that a bag of words loses the order, by shuffling the words before.
Command: python -m dlcv.run --config=experiments/language/ngrams.py[:small --data_dir=DATA]
`default`, prose of 92,000 words that often repeats itself, 19 minutes on a busy CPU (17 of them the networks), 3 seeds: Kneser-Ney of order 5
has 17.3 in 0.5 MB, the LSTM 29.5 ± 0.1 in 2.7 MB, the bag of words 63.0 ± 0.3 in 2.2 MB: so small a text is counted better than learnt.
Shuffling costs the bag nothing, the LSTM 3.4 times its perplexity.
`small`, Penn Treebank, no networks, 30 seconds: Kneser-Ney of order 5 has 141.19 in 7.1 MB, of order 3 148.28 in 2.6 MB; one discount
instead of three 143.5; add-0.003 of order 3 952.5. With the 8 words before shuffled, order 5 has 8.4 times the perplexity.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
LEARNT = (("bag of words", "experiments/language/bag_of_words.py"), ("LSTM", "experiments/language/word_lm.py"))
REPORTED = dict(value=141.2, source="Mikolov and Zweig 2012")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    k = 0.003 if rung == "small" else 0.01
    counted = (
        ("add-1, order 2", "add_k", dict(order=2, k=1.0)),
        (f"add-{k}, order 3", "add_k", dict(order=3, k=k)),
        *((f"Kneser-Ney, order {n}", "kneser_ney", dict(order=n)) for n in (1, 2, 3, 4, 5)),
        ("Kneser-Ney, order 5, one discount", "kneser_ney", dict(order=5, discounts=1)),
    )
    study = dict(data=dict(name="prose_words"), counted=counted, learnt=LEARNT, rung=rung, context=8)
    config = base.study("ngrams", study_kw=study, seeds=3)
    if rung == "smoke":
        config.seeds = 1
        config.study_kw.update(counted=counted[1:4], context=3)
        config.study_kw.data = dict(name="prose_words", limit=60)
    if rung == "small":
        config.study_kw.update(data=dict(name="ptb"), learnt=())
        config.reference = {"Kneser-Ney, order 5/test": REPORTED}
    return config
