"""Character models by cell and depth: vanilla RNN, LSTM and GRU in one to three layers on the same text.

Paper: Karpathy, Johnson, Fei-Fei, "Visualizing and Understanding Recurrent Networks", 2015 (table 1: on Linux source and War and Peace,
LSTM and GRU far below the vanilla RNN, more than one layer below one). Reproduced: held-out nats a character of every cell and depth,
as curves over the steps.
`default`, Python source, 1,200 steps, 4 minutes for 3 seeds on one core, nats at one, two and three layers: RNN 2.08, 1.96, 1.93; LSTM
2.13, 2.08, 2.16; GRU 1.93, 1.77, 1.75 (spread 0.01 to 0.04). The GRU is far below and deeper is better; the LSTM, slowest to begin, is not
yet where the paper has it. `small` was not run.
Command: python -m dlcv.run --config=experiments/recurrence/char_lm_cells.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
CELLS = {"RNN": "rnn_tanh", "LSTM": "lstm", "GRU": "gru"}


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    arms = tuple(
        (f"{name}, {layers} layer{'s' * (layers > 1)}", {"task_kw.cell": cell, "task_kw.layers": layers})
        for name, cell in CELLS.items()
        for layers in (1, 2, 3)
    )
    shorter = {
        "smoke": {},
        "default": {
            "task_kw.size": "narrow", "optimizer.learning_rate": 4e-3, "steps": 1200, "eval_every": 200, "checkpoint_every": 1200,
            "data.length": 32, "data.limit": 500_000,
        },
        "small": {"task_kw.size": "tiny", "steps": 600, "eval_every": 150, "checkpoint_every": 150},
    }[rung]  # fmt: skip
    kept = arms[:4:3] if rung == "smoke" else arms
    tasks = (("text", "experiments/recurrence/char_lm.py", "valid/nats", shorter),)
    return base.study(
        "learning_curves", seeds=1 if rung == "smoke" else 3, study_kw=dict(tasks=tasks, arms=kept, rung=rung)
    )
