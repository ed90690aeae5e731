"""What the scores of a judge are called, by the data that its classifiers learnt from."""

from collections.abc import Iterable

NAMES = {"cifar10": "cifar", "cifar10_jpg": "cifar"}  # "lenet" by all else


def in_colour(metrics: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """(name, title) of metrics with the judge of CIFAR-10 in place of that of digits: "cifar/frechet" and "CIFAR-FID"."""
    return tuple((name.replace("lenet", "cifar"), title.replace("LeNet", "CIFAR")) for name, title in metrics)
