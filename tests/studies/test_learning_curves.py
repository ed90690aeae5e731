"""Learning curves: what a study of several arms keeps of each."""

from dlcv.studies.learning_curves import as_table, summary


def result(nats: float, seconds: float) -> dict:
    values = {"mean": nats, "std": 0.1}
    return {
        "metrics": {"valid/nats": values}, "by_seed": {"0": {"valid/nats": nats}}, "seeds": [0], "step": 5, "seconds": seconds,
        "params_sha256": f"{nats}",
    }  # fmt: skip


def test_the_time_of_each_arm_is_kept_and_told():
    results = {"": {"BERT": result(4.2, 90.0), "LSTM": result(2.8, 61.0)}}
    found = summary(results)
    assert found["seconds"] == 151.0 and found["seconds_by_arm"] == {"BERT": 90.0, "LSTM": 61.0}
    assert found["metrics"]["LSTM/valid/nats"]["mean"] == 2.8
    table = as_table(results, [("", "attention/bert", "valid/nats", {})]).splitlines()
    assert table[0] == "|  | nats | time |" and table[2:] == [
        "| BERT | 4.2 ± 0.1 | 1:30 |",
        "| LSTM | 2.8 ± 0.1 | 1:01 |",
    ]


def test_several_tasks_are_told_apart():
    found = summary({"copying": {"LSTM": result(1.0, 2.0)}, "adding": {"LSTM": result(2.0, 3.0)}})
    assert found["seconds_by_arm"] == {"copying/LSTM": 2.0, "adding/LSTM": 3.0}
