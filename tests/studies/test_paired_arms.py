"""The interval of a paired difference is the one of Student's test."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from dlcv.studies.paired_arms import half_width


def test_the_interval_is_that_of_the_paired_t_test():
    differences = [0.013, -0.002, 0.021, 0.017, 0.008]
    interval = ttest_1samp(differences, 0).confidence_interval(0.95)
    assert half_width(differences) == pytest.approx((interval.high - interval.low) / 2)
    assert np.isnan(half_width([0.1]))
