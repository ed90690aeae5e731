"""BERT against a two-way LSTM with as many parameters, filling the same masks in English prose.

Papers: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019; Peters et
al., "Deep Contextualized Word Representations", 2018 (two-way LSTMs before it). Reproduced: held-out nats and accuracy of the hidden words
and the time of both, beside the unigram's nats of the same words ("unigram/valid_nats").
Command: python -m dlcv.run --config=experiments/attention/bert_against_lstm.py
`default`, 551 and 552 thousand parameters, 600 steps, 3 seeds: unigram 5.534 nats a hidden token, BERT 4.749 ± 0.013 (2.5 minutes on a busy
core), LSTM 3.173 ± 0.009 (1.9). At this size the LSTM wins by far: the encoder knows which tokens are about, not yet what stands beside.
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
