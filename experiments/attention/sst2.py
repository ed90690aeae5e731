"""Fine-tuning: sentences classified by an encoder that was pre-trained on unlabelled text before.

Papers: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019; Socher
et al., "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank", 2013 (the data of `small` and `paper`).
Reproduced: accuracy after fine-tuning; fine_tuning.py compares it with the same model from scratch and with a frozen encoder.
Command: python -m dlcv.run --config=experiments/attention/sst2.py[:small --data_dir=DATA]; bert_sst2.py is trained first, on demand.
Another library's BERT: --config.start.source=FOLDER. Frozen: --config.optimizer.rules='(("model/(embedding|segments|norm|stack)","frozen",1),)'
`default`: which of eight packages of Python's library a sentence of its docstrings is from. `small`: SST-2. `paper`: GLUE's phrases, BERT-base.
"""

from dlcv.engine import config as base

ENCODER = r"model/(embedding|segments|norm|stack)(/.*)?"


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="sentence_classification", task_kw=dict(size="turc-tiny", length=64, dropout=0.1, pooling="mean"),
        seeds=3, cpu_devices=2, steps=200, batch_size=32, eval_batch_size=128, log_every=50, eval_every=100, checkpoint_every=100,
        data=dict(name="library_sentences", corpus="python", tokeniser="byte_pair", size=2000, width=48, labelled=100),
        optimizer=base.optimizer("adamw", 5e-4, schedule="linear", warmup=30, weight_decay=0.01, clip_norm=1.0),
        start=dict(
            source="experiments/attention/bert_sst2.py:default", which="last", rules=((ENCODER, r"model/\1\2"),),
            follow=("task_kw.size", "data.tokeniser"),
        ),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, cpu_devices=1, batch_size=4, eval_batch_size=64)
        config.task_kw.update(size="tiny", length=24)
        config.data.update(corpus="prose", size=300, width=24, labelled=4)
        config.start.source = "experiments/attention/bert_sst2.py:smoke"
        config.optimizer.update(warmup=0)
    if rung == "small":
        config.update(seeds=1, cpu_devices=1, steps=430, eval_every=215, checkpoint_every=215)
        config.data = dict(name="sst2", corpus="english", tokeniser="byte_pair", size=8000, width=48)
        config.start.source = "experiments/attention/bert_sst2.py:small"
    if rung == "paper":
        config.update(steps=3 * 67_349 // 32, eval_every=2104, checkpoint_every=2104, dtype="bfloat16", cpu_devices=1)
        config.task_kw.update(size="base", length=512, pooling="first")
        config.data = dict(name="sst2_phrases", corpus="english", tokeniser="byte_pair", size=30_521, width=128)
        config.start.source = "experiments/attention/bert_sst2.py:paper"
        config.optimizer.update(learning_rate=2e-5, warmup=631)
        config.reference = {
            "valid/accuracy": dict(value=0.935, source="Devlin et al. 2019, table 1, GLUE's test, reported, unverified")
        }
    return config
