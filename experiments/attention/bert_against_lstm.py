"""BERT against a two-way LSTM with as many parameters, filling the same masks in English prose.

Papers: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019; Peters et
al., "Deep Contextualized Word Representations", 2018 (two-way LSTMs before it). Reproduced: held-out nats and accuracy of the hidden words
and the time of both, beside the unigram's nats of the same words ("unigram/valid_nats").
Command: python -m dlcv.run --config=experiments/attention/bert_against_lstm.py
`default`, 551 and 552 thousand parameters, 1,500 steps, 3 seeds: unigram 5.534 nats a hidden token, BERT 4.19 ± 0.02 (4.5 minutes on one core),
LSTM 2.75 ± 0.01 (5.6). The LSTM wins by far at this size, the encoder learns slowly: at 600 steps and twice the rate it stood at 4.75, at
10,000 steps of `bert.py:small` it has come from 6.80 to 3.83.
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default")


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    small = rung == "smoke"
    lstm = {
        "task_kw.network": "recurrent",
        "task_kw.width": 32 if small else 128,
        "task_kw.units": 16 if small else 163,
    }
    arms = (("BERT", {}), ("LSTM both ways", {**lstm, "task_kw.layers": 1}))
    changes = {"cpu_devices": 1} | ({"data.pairs": False} if small else {})
    tasks = (("", "experiments/attention/bert.py", "valid/nats", changes),)
    return base.study("learning_curves", seeds=1 if small else 3, study_kw=dict(tasks=tasks, arms=arms, rung=rung))
