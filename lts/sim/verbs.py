"""The verbs of a strategy: `go`, `add`, `stay`. Plain functions: they run compiled, in a debugger and in a notebook alike."""

from __future__ import annotations

from math import nan

from lts.words import Decision

STAY = Decision(0.0, 0.0, 0.0, nan, nan, nan, nan, nan, nan, 0.0)


def stay() -> Decision:
    """Change nothing: no order, no cancellation, no new protection."""
    return STAY


def go(
    units: float,
    stop_loss: float = nan,
    take_profit: float = nan,
    stop_pips: float = nan,
    target_pips: float = nan,
    trailing_pips: float = nan,
    limit: float = nan,
    stop: float = nan,
    touch: float = nan,
    expiry_bars: float = 0.0,
) -> Decision:
    """Be at `units`: what is too much closes at the next open, what is missing opens there or rests at a level.

    Parameters
    ----------
    units : float
        Target position, signed, base currency. 0 closes.
    stop_loss, take_profit : float
        Protection as prices. nan: not stated.
    stop_pips, target_pips, trailing_pips : float
        Protection as distances from each trade's fill price. 0: none. nan: not stated.
    limit, stop, touch : float
        At most one: the price at which the missing units rest (limit, stop or market-if-touched order). nan: market order.
    expiry_bars : float
        Life of the resting order in bars; 0: until the next decision that is not `stay`.

    Returns
    -------
    Decision
        With the target already reached and protection stated, the open trades are amended; unstated protection stays as it is.
    """
    entry_type, entry = resting(limit, stop, touch)
    return Decision(
        1.0, float(units), entry_type, entry, float(stop_loss), float(take_profit), float(stop_pips), float(target_pips),
        float(trailing_pips), float(expiry_bars),
    )  # fmt: skip


def add(
    units: float,
    stop_loss: float = nan,
    take_profit: float = nan,
    stop_pips: float = nan,
    target_pips: float = nan,
    trailing_pips: float = nan,
    limit: float = nan,
    stop: float = nan,
    touch: float = nan,
    expiry_bars: float = 0.0,
) -> Decision:
    """Trade `units` on top of what there is: on a netting account opposite units reduce, on a hedging account they are a ticket.

    Parameters as in `go`, with `units` the signed change.
    """
    entry_type, entry = resting(limit, stop, touch)
    return Decision(
        2.0, float(units), entry_type, entry, float(stop_loss), float(take_profit), float(stop_pips), float(target_pips),
        float(trailing_pips), float(expiry_bars),
    )  # fmt: skip


def resting(limit: float, stop: float, touch: float) -> tuple[float, float]:
    """Return (order type, level); two levels at once become a level that is refused as PRICE_INVALID."""
    kind, price, stated = 0.0, nan, 0
    if limit == limit:  # noqa: PLR0124  (not nan; math.isnan would not be any clearer compiled)
        kind, price, stated = 1.0, float(limit), stated + 1
    if stop == stop:  # noqa: PLR0124
        kind, price, stated = 2.0, float(stop), stated + 1
    if touch == touch:  # noqa: PLR0124
        kind, price, stated = 3.0, float(touch), stated + 1
    return kind, price if stated < 2 else nan
