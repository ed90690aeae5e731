"""What pre-training is worth: the same sentence classifier from scratch, from our own pre-training, and with that encoder frozen.

Paper: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019 (its gains
over what came before; no small model from scratch). Reproduced: mean difference and its interval of 95 % over 5 seeds, paired.
Command: python -m dlcv.run --config=experiments/attention/fine_tuning.py[:small --data_dir=DATA]
`default`, 5 seeds, 4 minutes of pre-training (3.92 nats a hidden token, unigram 6.16) and 1 an arm on one core: from scratch
54.0 ± 1.3 %, pre-trained 56.1 ± 0.6, frozen 41.7 ± 0.8, words' vectors of latent_semantics.py 62.2 ± 0.8; pre-training gains 2.0 ± 0.9 points,
words' vectors 8.2 ± 1.7.
`small`, SST-2, 14 minutes of pre-training (3.83 nats, unigram 6.80) and 2 of words' vectors, 5 seeds, test: from scratch 78.9 ± 0.5 %,
pre-trained 78.5 ± 0.3 (-0.4 ± 1.0 points, no gain), frozen 61.1 ± 0.5, words' vectors of 25,000 reviews 80.3 ± 0.3 (1.4 ± 0.9 points).
Filling masks teaches what words stand beside each other, not what they praise: pre-trained on 8.3 million tokens of the same reviews
(bert_sst2.py tells how) it has 77.5 ± 0.7, -1.4 ± 1.1 points; the words nearest to "good" and "wonderful" are then "bad" and "terrible".
Rates of 2e-4 to 2e-3, dropout to 0.3, twice the steps, the first token's vector and 500 labels gave no gain either (2 seeds each); its table
of words alone, 77.7 ± 0.6 %, and an encoder that learns at 0.3 of the rate, 65.6 ± 0.7 %, less (5 seeds each).
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
VECTORS = ((r"model/tokens", "model/embedding/tokens"),)
FROZEN = (("model/(embedding|segments|norm|stack)", "frozen", 1), ("(bias|scale)$", "weight_decay", 0.0))


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    arms = (
        ("from scratch", {"start.source": ""}),
        ("pre-trained", {}),
        ("pre-trained, frozen", {"optimizer.rules": FROZEN, "optimizer.learning_rate": 3e-3}),
        (
            "words' vectors",
            {"start.source": f"experiments/language/latent_semantics.py:{rung}", "start.rules": VECTORS},
        ),
    )
    study = dict(source="experiments/attention/sst2.py", rung=rung, arms=arms, metrics=("valid/accuracy",), changes={})
    if rung == "small":
        study.update(metrics=("valid/accuracy", "test/accuracy"))
    return base.study("paired_arms", study_kw=study, seeds=1 if rung == "smoke" else 5)
