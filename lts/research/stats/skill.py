"""How sure a Sharpe ratio is: against none, against the luckiest of many. Ratios are those of one period (a day), not of a year.

Sources: Bailey, D. and Lopez de Prado, M. (2012), The Sharpe ratio efficient frontier, Journal of Risk 15(2); the same (2014), The
deflated Sharpe ratio, Journal of Portfolio Management 40(5); with Borwein, J. and Zhu, Q. (2014), Pseudo-mathematics and
financial charlatanism, Notices of the American Mathematical Society 61(5).
"""

from __future__ import annotations

from math import e, erfc, isfinite, sqrt
from statistics import NormalDist
from typing import Any

from lts.errors import ParameterError

EULER = 0.5772156649015329
NORMAL = NormalDist()


def normal_cdf(x: float) -> float:
    """Return the probability that a standard normal variable is at most x."""
    return 0.5 * erfc(-x / sqrt(2))


def estimate_variance(sharpe: Any, skew: Any = 0.0, kurtosis: Any = 3.0) -> Any:
    """Return the variance of sqrt(n - 1) times an estimated Sharpe ratio (2012, equation 3); 0 or less: it has no real error."""
    return 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2


def above(excess: float, variance: float, observations: float) -> float:
    """Return the probability that a Sharpe ratio is above what it exceeds by so much; `variance` > 0 (2012, equation 4)."""
    return normal_cdf(excess * sqrt(observations - 1) / sqrt(variance))


def probabilistic_sharpe(
    sharpe: float, observations: float, *, benchmark: float = 0.0, skew: float = 0.0, kurtosis: float = 3.0
) -> float:
    """Return the probability that the true Sharpe ratio is above a benchmark.

    Parameters
    ----------
    sharpe, benchmark : float
        Of one period: a year's divided by the root of the periods in a year.
    observations : float
        Periods that it was taken of, at least 2.
    skew, kurtosis : float
        Of the returns; 0 and 3 for normal ones.

    Returns
    -------
    float
        0 to 1; nan where skew and kurtosis leave the estimate no real error.

    Notes
    -----
    cdf((sharpe - benchmark) * sqrt(n - 1) / sqrt(1 - skew*sharpe + (kurtosis - 1)/4 * sharpe**2)); 2012, equation 4.

    Raises
    ------
    ParameterError
        Fewer than two observations, or numbers that are not finite.

    Examples
    --------
    >>> round(probabilistic_sharpe(1.585 / 12**0.5, 24, skew=-2.448, kurtosis=10.164), 3)
    0.913
    """
    _finite("probabilistic_sharpe", sharpe=sharpe, benchmark=benchmark, skew=skew, kurtosis=kurtosis)
    _at_least("probabilistic_sharpe", "observations", observations, 2)
    variance = estimate_variance(sharpe, skew, kurtosis)
    if variance <= 0:
        return float("nan")
    return above(sharpe - benchmark, variance, observations)


def expected_max_normal(trials: float) -> float:
    """Return about what the largest of so many independent standard normal variables is; 0 for one (2014, equation 1)."""
    _at_least("expected_max_normal", "trials", trials, 1)
    if trials == 1:
        return 0.0
    found = -(1 - EULER) * NORMAL.inv_cdf(1 / trials) - EULER * NORMAL.inv_cdf(1 / (trials * e))
    return max(0.0, found)  # below two trials the approximation would fall under that of one


def expected_max_sharpe(trials: float, variance: float) -> float:
    """Return the Sharpe ratio that the best of so many sets without skill shows (2014, equation 1).

    Parameters
    ----------
    trials : float
        Sets that were tried, at least 1; what is left of them when they resemble each other need not be whole.
    variance : float
        Of their Sharpe ratios, of one period, >= 0.

    Raises
    ------
    ParameterError
    """
    _at_least("expected_max_sharpe", "variance", variance, 0)
    return sqrt(variance) * expected_max_normal(trials)


def deflated_sharpe(
    sharpe: float, observations: float, *, trials: float, variance: float, skew: float = 0.0, kurtosis: float = 3.0
) -> float:
    """Return the probability that the true Sharpe ratio of the best of many sets is above what luck alone shows.

    Parameters
    ----------
    sharpe, observations, skew, kurtosis
        Of the best set, as `probabilistic_sharpe` takes them.
    trials, variance
        As `expected_max_sharpe` takes them. With one trial this is `probabilistic_sharpe`.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> round(deflated_sharpe(2.5 / 250**0.5, 1250, trials=100, variance=0.5 / 250, skew=-3, kurtosis=10), 3)
    0.9
    """
    luck = expected_max_sharpe(trials, variance)
    return probabilistic_sharpe(sharpe, observations, benchmark=luck, skew=skew, kurtosis=kurtosis)


def min_track_record(
    sharpe: float, *, benchmark: float = 0.0, skew: float = 0.0, kurtosis: float = 3.0, confidence: float = 0.95
) -> float:
    """Return the periods needed to call a Sharpe ratio above a benchmark with this confidence (2012, equation 7).

    Returns
    -------
    float
        Periods; inf where the ratio is not above the benchmark, nan where it has no real error.

    Raises
    ------
    ParameterError
        A confidence that is not between 0 and 1, or numbers that are not finite.
    """
    _finite("min_track_record", sharpe=sharpe, benchmark=benchmark, skew=skew, kurtosis=kurtosis)
    if not 0 < confidence < 1:
        raise ParameterError(f"min_track_record, confidence: was {confidence!r}; it must lie between 0 and 1, such as 0.95.")
    variance = estimate_variance(sharpe, skew, kurtosis)
    if variance <= 0:
        return float("nan")
    if sharpe <= benchmark:
        return float("inf")
    return track_record(sharpe - benchmark, variance, confidence)


def track_record(excess: float, variance: float, confidence: float) -> float:
    """Return the periods needed to call an excess above 0 with this confidence; `excess`, `variance` > 0 (2012, equation 7)."""
    return 1 + variance * (NORMAL.inv_cdf(confidence) / excess) ** 2


def min_backtest_length(trials: float, sharpe: float = 1.0) -> float:
    """Return the years that a search needs lest the best of so many sets without skill shows this yearly Sharpe ratio.

    Notes
    -----
    (expected largest of `trials` normals / sharpe)**2; Bailey, Borwein, Lopez de Prado and Zhu 2014, theorem 1.

    Raises
    ------
    ParameterError
        Fewer trials than one, or a Sharpe ratio that is not above 0.
    """
    if not (isfinite(sharpe) and sharpe > 0):
        raise ParameterError(f"min_backtest_length, sharpe: was {sharpe!r}; it must be a finite number above 0.")
    return (expected_max_normal(trials) / sharpe) ** 2


def _finite(owner: str, **given: float) -> None:
    for name, value in given.items():
        if not isfinite(value):
            raise ParameterError(f"{owner}, {name}: was {value!r}; it must be a finite number.")


def _at_least(owner: str, name: str, value: float, least: float) -> None:
    if not (isfinite(value) and value >= least):
        raise ParameterError(f"{owner}, {name}: was {value!r}; it must be a finite number of at least {least:g}.")
