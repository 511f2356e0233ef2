"""Student's t distribution, from the regularised incomplete beta function; scipy would cost a quarter of a second to load."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

TINY = 1e-300


def two_sided(t: float, freedom: float) -> float:
    """Return the probability that abs(T) >= abs(t) for Student's t with `freedom` degrees of freedom.

    I(x; freedom / 2, 1 / 2) at x = freedom / (freedom + t**2), or 1 less its mirror image where 1 - x would lose digits. Source:
    Abramowitz and Stegun 26.7.1 and 26.5.27.
    """
    square = t * t
    if square < freedom:
        return 1 - incomplete_beta(square / (freedom + square), 0.5, freedom / 2)
    return incomplete_beta(freedom / (freedom + square), freedom / 2, 0.5)


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I(x; a, b), 0 <= x <= 1.

    Source: Abramowitz and Stegun 26.5.8, the continued fraction, evaluated forwards (Lentz 1976); mirrored where it converges
    slowly.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = exp(a * log(x) + b * log1p(-x) - _log_beta(a, b)) / a
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / _off_zero(1 + term * d), _off_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * value


def _log_beta(a: float, b: float) -> float:
    """Return log B(a, b). Beside 1/2 a large argument goes by a series: a difference of its log gammas would lose ten digits.

    Source: the series of log gamma(z + 1/2) - log gamma(z), from Abramowitz and Stegun 6.1.41 at both.
    """
    small, large = min(a, b), max(a, b)
    if small != 0.5 or large < 50:
        return lgamma(a) + lgamma(b) - lgamma(a + b)
    step = log(large) / 2 - 1 / (8 * large) + 1 / (192 * large**3) - 1 / (640 * large**5)
    return lgamma(0.5) - step


def _off_zero(x: float) -> float:
    return x if abs(x) > TINY else TINY
