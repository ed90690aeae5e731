"""Word language model: an LSTM over words by truncated back-propagation, dropout on all but its recurrent connections.

Paper: Zaremba, Sutskever, Vinyals, "Recurrent Neural Network Regularization", 2014. Reproduced: test perplexity of Penn Treebank. `paper`
is its large model (78.4 reported), with --config.task_kw.size=medium --config.task_kw.dropout=0.5 its medium one (82.7 reported), both
for a GPU. `small` is for a CPU: one layer of 400 units, tied words, one dropout mask for all steps of a call, Adam, nine passes.
Command: python -m dlcv.run --config=experiments/language/word_lm.py[:small --data_dir=DATA]
`default`, prose: test perplexity 29.5 ± 0.1, 3 seeds, 10 minutes on a busy CPU. `small`, 3 seeds, two hours of one core: 95.4 ± 1.0
(100.2 ± 1.1 on valid), where a count of five words in a row has 141.2 (ngrams.py) and their small model (two layers of 200,
independent masks, five passes) had 122.9 ± 1.7 here in 40 minutes. `paper` was not run: it wants a GPU.
"""

from dlcv.engine import config as base

SOURCE = "Zaremba et al. 2014, reported, unverified"


def get_config(rung: str = "default"):
    base.check_rung(rung)
    config = base.experiment(
        task="word_model", task_kw=dict(network="recurrent", size="prose", cell="lstm", dropout=0.4, reset=0.02),
        seeds=3, steps=600, batch_size=32, eval_batch_size=16, log_every=50, eval_every=150, checkpoint_every=300,
        data=dict(name="prose_words", length=20),
        optimizer=base.optimizer("adam", 4e-3, schedule="cosine", clip_norm=1.0),
        select=dict(metric="valid/perplexity", mode="min"),
    )  # fmt: skip
    if rung == "smoke":
        base.smoke(config, batch_size=4, eval_batch_size=4)
        config.data.update(length=8, limit=60)
        config.task_kw.update(size="tiny", dropout=0.0)
    if rung == "small":  # for a CPU
        config.update(
            steps=12_000, batch_size=20, eval_batch_size=10, log_every=100, eval_every=2000, checkpoint_every=1000
        )
        config.data = dict(name="ptb", length=35)
        config.task_kw.update(size="wide", dropout=0.4, variational=True, tied=True, reset=0.01)
        config.optimizer.update(learning_rate=2e-3, warmup=100)
        config.reference = {"test/perplexity": dict(value=82.7, source=f"{SOURCE}, medium")}
    if rung == "paper":
        epoch = 929_589 // (20 * 35)
        config.update(
            steps=55 * epoch, batch_size=20, eval_batch_size=10, log_every=100, eval_every=epoch, checkpoint_every=epoch
        )
        config.data = dict(name="ptb", length=35)
        config.task_kw.update(size="large", dropout=0.65, reset=0.01)
        # their loss is summed over the 35 words: 35 times the mean's rate, 1/35 of its norm to clip at
        decay = dict(
            init_value=35.0, transition_steps=epoch, decay_rate=1 / 1.15, transition_begin=14 * epoch, staircase=True
        )
        config.optimizer = base.optimizer(
            "sgd", 35.0, schedule="exponential_decay", clip_norm=10 / 35, schedule_options=decay
        )
        config.reference = {"test/perplexity": dict(value=78.4, source=SOURCE)}
    return config
