"""Fine-tuning on CoLA: is a sentence grammatical? Matthews correlation, where guessing the more frequent class gives 0.

Papers: Warstadt, Singh and Bowman, "Neural Network Acceptability Judgments", 2019; Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of
Deep Bidirectional Transformers for Language Understanding", 2019. Reproduced: Matthews correlation after fine-tuning.
Command: python -m dlcv.run --config=experiments/attention/cola.py:small --data_dir=DATA
`small`, 3 seeds, a minute and a half on one core after bert_sst2.py:small: Matthews correlation 0.07 ± 0.04 on sentences of the same books,
-0.03 ± 0.03 on others: no better than guessing, as the two-layer BERT of Turc et al. 2019 has 0.0 on GLUE's test (unverified).
`smoke` and `default` are those of sst2.py, on embedded sentences.
"""

from dlcv.engine import catalogue
from dlcv.engine import config as base


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = catalogue.load(f"experiments/attention/sst2.py:{rung}")
    if rung in ("smoke", "default"):
        return config
    config.data.name = "cola"
    if rung == "small":
        config.update(steps=540, eval_every=270, checkpoint_every=270)
    if rung == "paper":
        config.update(steps=3 * 8551 // 32, eval_every=267, checkpoint_every=267)
        config.optimizer.warmup = 80
        config.reference = {
            "matthews/valid": dict(value=0.521, source="Devlin et al. 2019, table 1, GLUE's test, reported, unverified")
        }
    return config
