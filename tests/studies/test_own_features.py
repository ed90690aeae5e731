"""Own features: what the files hold is what adaptation reads, accuracy counts the target, the table is over seeds and tasks."""

import jax
import jax.numpy as jnp
import numpy as np

from dlcv import data
from dlcv.engine import catalogue
from dlcv.engine.step import init_state
from dlcv.studies import own_features


def test_extracted_features_are_the_networks_at_unit_length(tmp_path):
    experiment = catalogue.experiment("experiments/vision/cnn.py:smoke", None, data=dict(name="digit_domains", size=28))
    variables = init_state(experiment.task, jax.random.key(0)).variables
    options = dict(name="digit_domains", size=28, domain="bold")
    features, labels = own_features.extract(experiment, variables, tmp_path, 0, 3, "stage_1", options)
    assert features.shape == (300, 7 * 7 * 48) and np.bincount(labels).tolist() == [30] * 10
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1)
    train = data.load(options, None).train.arrays
    np.testing.assert_array_equal(labels[: len(train["label"])], train["label"])
    outputs = experiment.task.predict(variables, {"image": jnp.asarray(train["image"][:1])}, jax.random.key(0))
    (head, _) = own_features.extract(experiment, variables, tmp_path, 0, 3, "features", options)
    expected = np.asarray(outputs["features"])[0]
    np.testing.assert_allclose(head[0], expected / np.linalg.norm(expected), atol=1e-4)


def test_accuracy_is_that_of_the_nearest_neighbour_on_the_target():
    source = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1])
    target = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.5], [0.1, 0.9]]), np.array([0, 1, 1, 0])
    assert own_features.adapted(source, target, "raw", {}) == 0.5


def test_the_report_is_over_seeds_and_tasks(tmp_path):
    accuracies = {"pixels": {"a->b": [0.5, 0.5], "b->a": [0.1, 0.1]}, "raw": {"a->b": [0.6, 0.8], "b->a": [0.4, 0.2]}}
    trained = {
        "seeds": [0, 1],
        "seconds": 1.0,
        "step": 3,
        "params_sha256": "x",
        "metrics": {"valid/accuracy": {"mean": 0.9, "std": 0.0}},
    }
    found = own_features.report(accuracies, trained, tmp_path, True, "layer features")
    assert found["metrics"]["raw/a->b"]["mean"] == 70 and found["by_seed"]["mean"]["raw"] == [50, 50]
    np.testing.assert_allclose(found["metrics"]["raw/a->b"]["std"], np.std([60, 80], ddof=1))
    assert found["metrics"]["network/valid/accuracy"]["mean"] == 0.9
    table = (tmp_path / "table.md").read_text()
    assert "| a->b | 50.0 ± 0.0 | 70.0 ± 14.1 |" in table and "| mean | 30.0 ± 0.0 | 50.0 ± 0.0 |" in table
    assert (tmp_path / "figures" / "methods.png").exists()
