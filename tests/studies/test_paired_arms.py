"""The interval of a paired difference is the one of Student's test."""

import pytest
from scipy.stats import ttest_1samp

from dlcv.studies.comparison import interval
from dlcv.studies.paired_arms import mean_of


def test_the_interval_is_that_of_the_paired_t_test():
    differences = [0.013, -0.002, 0.021, 0.017, 0.008]
    wanted = ttest_1samp(differences, 0).confidence_interval(0.95)
    assert interval(differences) == pytest.approx([wanted.low, wanted.high])
    assert mean_of(differences) == f"+0.0114 ± {(wanted.high - wanted.low) / 2:.4f} (95 %, 5 seeds, paired)"
    assert mean_of([0.1]) == "+0.1000 (1 seed)"
