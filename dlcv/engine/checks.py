"""What an experiment asks of its evaluations, held against what they give before it trains."""

from dlcv.engine.experiment import Experiment
from dlcv.errors import Misuse, unknown


def check(experiment: Experiment) -> None:
    """Raises Misuse for a `config.select.metric` that no evaluation gives, a split too small to be scored and frozen weights at random."""
    task, metric = experiment.task, experiment.config.select.metric
    if task.frozen and not experiment.config.start.source:
        raise Misuse(
            f"{task.frozen[0]!r} is frozen and would stay at random: config.start.source must name the run or experiment it comes from"
        )
    if metric:
        check_metric(experiment, metric, "config.select.metric")
    for name, split in experiment.data.splits.items():
        if hasattr(split, "__len__") and len(split) < task.least_examples:
            raise Misuse(
                f"scores need {task.least_examples} held-out examples, split {name!r} has {len(split)}: raise data.valid_limit"
            )


def check_metric(experiment: Experiment, metric: str, what: str) -> None:
    """Raises Misuse when no evaluation gives `metric`, "<split>/<name>" or "<score>/<part>"; a score's parts are not known beforehand."""
    task, (group, _, part) = experiment.task, metric.partition("/")
    known = [f"{split}/{name}" for split in experiment.data.splits for name in task.metrics]
    if metric not in known and not (part and group in task.scores):
        raise unknown(what, metric, [*known, *(f"{name}/..." for name in task.scores)])
