"""Discriminative against generative classifiers of digits by number of labels.

Paper: Ng and Jordan, "On Discriminative vs. Generative Classifiers: A Comparison of Logistic Regression and Naive Bayes", 2002.
Reproduced: test error by labels a class of classification by Bayes' rule, p(y | x) ~ p(x | y) p(y), with naive Bayes (the generative twin
of logistic regression), with a Gaussian a class (its covariance shrunk, Friedman, "Regularized Discriminant Analysis", 1989) and with a
class-conditional VAE (its bound of log p(x | y), 20 draws), against logistic regression, all on the same draws of labels; samples.
Command: python -m dlcv.run --config=experiments/generative/discriminative_generative.py[:small --data_dir=DATA]
"""

from dlcv.engine import config as base

RUNGS = ("smoke", "default", "small")
VAE = "experiments/generative/conditional_vae.py"
# the same network for every number of labels, its samples not judged; with 16 codes it shows the code alone and ignores the label
PLAIN = {
    "task_kw": dict(size="dense-500", codes=4, likelihood="gaussian", conditional=True, importance_samples=20), "start.source": "", "select.metric": "",
    "steps": 600, "eval_every": 0, "score_every": 0, "checkpoint_every": 0,
}  # fmt: skip


def get_config(rung: str = "default"):
    base.check_rung(rung, RUNGS)
    smoke = rung == "smoke"
    vae = dict(source=f"{VAE}:smoke", changes={}) if smoke else dict(source=f"{VAE}:default", changes=PLAIN)
    classifiers = (
        ("logistic regression", "logistic_regression", {}), ("naive Bayes", "naive_bayes", {}),
        ("Gaussian a class", "gaussians", {}), ("class-conditional VAE", "trained", vae),
    )  # fmt: skip
    return base.study("discriminative_generative", seeds=1 if smoke else 5, study_kw=dict(
        data=dict(name="mnist", valid_limit=2000) if rung == "small" else dict(name="digits"), classifiers=classifiers,
        labelled=(2, 3) if smoke else (2, 5, 10, 20, 50, 100),
    ))  # fmt: skip
