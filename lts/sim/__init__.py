"""The simulated market: what a bar does to an account, sentence by sentence.

`kernel.py` implements this page and `tests/naive.py` is written from it alone; the two are held equal, exactly. "Point" is the
instrument's tick, "step" its smallest change of units, "micro" a millionth of the account's currency. Points, steps and micros are
integers; `rint` rounds half to even; a factor is a float64 evaluated in the order written.

Quantities
----------
Q1  F = 10**(6 - precision - units_precision) micro per point and step, at a conversion rate of 1. A rate is 1.0 when the quote
    currency is the account's. rate_mid, rate_gain, rate_loss hold at a bar's events (open and inside), rate_mark at its close.
    f = F * rate.
Q2  money(x, f) = rint(float(x) * f), x an integer of steps x points. Each posting is one such number.
Q3  L, S = open steps long and short of an instrument; EL, ES = sums of steps x entry price (points).
    unrealised(bid, ask, f) = rint(float((bid*L - EL) + (ES - ask*S)) * f). Equity at a close = balance + the sum over the
    instruments of unrealised(bid_close, ask_close, F*rate_mark), each at its last bar.
Q4  With a doubled mid m2 = bid + ask: unrealised_mid = rint(float((m2*L - 2*EL) + (2*ES - m2*S)) * (0.5*f)),
    margin = rint(float(max(L, S)*m2) * ((0.5*f)*margin_rate)). Net asset value NAV = balance + sum of unrealised_mid; margin used =
    sum of margin. For the tests at the open and inside the bar f = F*rate_mid of the bar and prices as stated there; an instrument
    without a bar at this stamp uses its last close and the f = F*rate_mark of that close.

One stamp (all instruments with a bar at it; "in turn" = in the user's order)
----------------------------------------------------------------------------
Open. Each phase runs through all instruments in turn before the next phase begins.
 a  Swap: a night's rate w (micro per step, separate for long and short, positive = received) is posted to each open trade of the
    instrument, oldest first: rint(float(steps) * w).
 b  Resting orders with 0 < expiry <= the bar's time (its open) end CANCELLED, EXPIRED.
 c  Margin close-out, once for the account, if any trade is open: NAV <= closeout * float(margin used), both at open prices
    (float(NAV) compared). Every trade, oldest first, closes as a market order at the open (an instrument without a bar: at its last
    close, counted as filled inside); reason MARGIN_CLOSEOUT; all resting orders, by age, end CANCELLED, MARGIN_CLOSEOUT. Market
    orders still waiting go on.
 d  Per instrument in turn: its trades and resting orders of this moment, by age (one counter numbers trade openings and order
    placements), each if it still exists: a trade whose stop (the tighter of stop loss and trailing stop) or else take profit the
    open of its closing side has reached or passed closes at the open; a resting order whose level the open of its own side has
    reached or passed fills at the open. A trade opened in d is not looked at again in d. The reason of a stop is TRAILING_STOP if
    the trailing stop is strictly the tighter, else STOP_LOSS.
 e  Closing parts of waiting market orders, per instrument in turn; then opening parts, per instrument in turn. A closing part
    closes long steps, then short steps, oldest trade first, never more than are open; nothing left: CANCELLED, NOTHING_LEFT.
Inside, per instrument in turn: resting orders whose level the bar reaches, by distance of the level from the open of their side,
then age; then the protection of each open trade, oldest first.
Then, once for the account, if any trade is open: margin close-out with every trade at its adverse extreme (Q4 with long at bid_low,
    ask_low, short at bid_high, ask_high: m2 of the lows values L and EL, m2 of the highs values S and ES; margin takes the larger
    side at its own m2, at equal sides the larger margin). Filled at bid_low less slippage, ask_high plus slippage.
Close. Per instrument in turn: excursions, then trailing stops ratchet, then marks. Then equity. Then, per instrument in turn, the
    strategy decides and the plan acts.

Sides and levels
----------------
L1  Buying happens at ask, selling at bid. A long's stop is reached when bid <= stop, its target when bid >= target; a short's when
    ask >= stop, ask <= target. A buy limit is reached when ask <= level, a buy stop when ask >= level; a sell limit when bid >=
    level, a sell stop when bid <= level. A market-if-touched order counts as limit if, when it was placed, its level lay at or
    beyond the close on that side (buy: level <= ask close; sell: level >= bid close), else as stop.
L2  Filled at the open: at the open price of its side. Filled inside: at its level. Market orders, stop losses, trailing stops, stop
    and touch entries and close-outs pay slippage, against the trader; limits and take profits do not.
L3  slippage in points = fixed + ceil(share * max(spread, 0) - 1e-9) + drawn. fixed = ceil(pips x points per pip - 1e-9). spread =
    ask minus bid at the open if filled there, else at the close. drawn = splitmix64(seed + n * 0x9E3779B97F4A7C15) mod (most + 1),
    all in unsigned 64 bits, n = number of draws before in this run, most = floor(random pips x points per pip + 1e-9). One draw an
    execution: a closing part draws once for each side that it finds open, an entry once, also when it is then refused, each exit by
    a stop and each close-out of a trade once. splitmix64(z): z ^= z >> 30; z *= 0xBF58476D1CE4E5B9; z ^= z >> 27; z *=
    0x94D049BB133111EB; z ^= z >> 31.
L4  stale_open "worst", on the first bar after a closure: whatever pays slippage fills at the whole bar's ask_high (buying) or
    bid_low (selling) instead of the open or level, also where finer bars decide; a limit or take profit passed by the open fills at
    its level. What is reached is judged as ever.

Opening and closing
-------------------
O1  An entry of u signed steps on a netting account first closes opposite trades, oldest first, at the entry's own fill price and
    slippage (reason = the entry's); the rest opens a trade. A hedging account opens a ticket of u. A waiting opening part does the
    same.
O2  Protection of the new trade: stop_loss, take_profit as given (price), or fill price -/+ distance; trailing stop = fill price -/+
    distance. A level <= 0 is none. `closing` = bid (long) or ask (short) at the moment of the fill: of the open if filled there;
    else fill price (before slippage) less or plus the close's ask - bid. If x = float(open steps of its side + u) * float(fill
    price) is above 1e17, or x * f above 1e18: REFUSED, UNITS_ABOVE_MAXIMUM (whole numbers end near 9e18). If the tighter stop is
    reached by `closing`: REFUSED, STOP_LOSS_ON_FILL_LOSS; if the target is: REFUSED, TAKE_PROFIT_ON_FILL_LOSS. What O1 closed stays
    closed.
O3  Then margin: with the commission posted and the trade in the book, instruments with a bar at this stamp at that bar's open mids:
    float(margin used) > float(NAV) means REFUSED, INSUFFICIENT_MARGIN, and neither commission nor trade remain. (In the branch
    stale_open "worst" the open mids stay what they are.)
O4  Closing u steps of a trade at price p: q = u*(p - entry) for a long, u*(entry - p) for a short.
    profit = money(q, F*rate_mid); conversion cost = profit - money(q, F*(rate_gain if q >= 0 else rate_loss)).
    spread_cost = money(u*(spread_in + spread_out), 0.5*(F*rate_mid)), spread = ask - bid at the open if filled there, else at the
    close; slippage_cost = money(u*(slip_in + slip_out), F*rate_mid); price_profit = profit + spread_cost + slippage_cost.
    commission = O5. Balance changes by profit - conversion cost - commission.
    A part closed takes the share rem*u // open_steps of the trade's remaining entry commission and swap (floor division), the last
    part the remainder. What the trade row calls commission = that share + this fill's; its profit = profit - conversion cost -
    commission + swap.
O5  Commission of one fill of u > 0 steps at p: rint(max(float(u)*per_step + float(u*p)*(F*rate_mid*fraction), minimum)), 0 if none
    of the three is set. F*rate_mid*fraction is evaluated left to right.
O6  A trade records mae and mfe in points on its closing side, >= 0, starting at 0: adverse and favourable distance from its entry
    price. A bar that it survives counts with its extremes (bid low/high for a long), or with the close alone if it was opened by a
    resting order inside that bar; an exit counts with its price, in the row of the part that it closes alone. Exits inside a bar
    ignore that bar's extremes.

Inside the bar
--------------
I1  For each trade: stop reached and target reached, each "surely" or "perhaps". For a trade that was there at the open (market
    orders filled at the open included): surely, if the bar's extreme on the closing side reaches it. For a trade opened inside this
    bar by a limit(-like) entry: stop surely, target perhaps; by a stop(-like) entry: target surely, stop perhaps; judged by the
    same extremes.
I2  "worst": stop if reached surely or perhaps, else target if surely. "best": target if reached surely or perhaps, else stop if
    surely. If the two differ for any trade, the bar is ambiguous (counted once per instrument and bar) and so is the trade.
I3  "ohlc": legs open to the nearer extreme, to the farther, to the close, nearness by doubled mids: (bid+ask)_high - (bid+ask)_open
    against (bid+ask)_open - (bid+ask)_low; at a tie the low first if the oldest open trade of the instrument is long or there is
    none, else the high first. Each leg is a small bar: first resting orders, then protections, as above. On a falling leg buy
    limits, sell stops, stops of longs and targets of shorts can be reached, by the low of their side (the close on the last leg);
    on a rising leg the others, by the high (the close). Order of entries: distance from the leg's start on their side. The last leg
    rises if the extreme before it was the low. Ambiguity is still judged by I1 and I2 on the state that the sentences "Inside"
    would have met: trades that were there carry that judgement, a trade opened on the path carries the bar's.
I4  "detail": if the bar is ambiguous under "worst", it is done again with the finer bars [time, time + duration) if there is one
    and they contain the bar: lowest low and highest high of both sides at least as far as the bar's own. Each finer bar in turn:
    step d at its open, then Inside with "worst", then the trailing stops ratchet by its extremes (by its close for a trade opened
    inside it). Opens and spreads are the finer bar's. A trade opened before this finer bar counts as there at its open. Ambiguity
    as in I3. Else "worst" stands.
I5  Trailing stop at the bar's end: long max(old, bid_high - distance), or bid_close - distance for a trade that a resting order
    opened inside this bar; short mirrored. (After "detail" the bar's end does not ratchet again.)

Plan: what a decision becomes, at the close that made it
--------------------------------------------------------
P1  STAY: nothing. Else validate, in this order; a fault is one REFUSED row and nothing else happens. Units nan or infinite:
    UNITS_INVALID. With x = units * 10**units_precision, steps = rint(x) if |x - rint(x)| <= 1e-9 + |x| * 2**-52, else x truncated
    toward zero; from |x| = 1e18 on they are 1e18. ADD of 0 steps, 0 < |steps| < minimum, GO of units that are not zero but 0 steps:
    UNITS_BELOW_MINIMUM. |steps| > maximum: UNITS_ABOVE_MAXIMUM. A resting entry whose price is nan or not 1 to 2**31 - 1 points,
    rint(price * 10**precision): PRICE_INVALID. A stated protective price that is not, pips negative or above 2**31 - 1 points,
    rint(pips * points per pip), price and pips both stated for one protection: PROTECTION_INVALID. Expiry nan or not 0 to 1e9 bars,
    or float(time) + (1 + bars) * float(duration) >= 2**63 with bars > 0: EXPIRY_INVALID.
P2  The instrument's resting orders and its waiting opening part end CANCELLED, REPLACED.
P3  GO, target T: close long = max(L - max(T,0), 0), close short = max(S - max(-T,0), 0); open = max(max(T,0) - L, 0) -
    max(max(-T,0) - S, 0). ADD: close nothing, open = units.
P4  Closing parts wait for the next open (a waiting closing part is replaced). |open| below the minimum: REFUSED,
    UNITS_BELOW_MINIMUM, the closing part stays. A market opening part waits. A resting one is placed now: level = rint(price x
    10**precision); stop (buy: >= level, sell: <= level) on the wrong side: REFUSED, STOP_LOSS_WRONG_SIDE; target likewise,
    TAKE_PROFIT_WRONG_SIDE (stated prices only); expiry = time + int((1 + bars) * float(duration)), 0 bars = never. Pips become
    points by rint(pips x points per pip).
P5  Nothing to open (something may close) and protection stated: it amends the open trades on the target's side (longs for T > 0,
    shorts for T < 0), oldest first, at once: price as given or from the trade's entry price; 0 pips removes; a trailing distance
    restarts from the close of the closing side. A stop at or beyond that close, or a target at or short of it: REFUSED,
    ..._WRONG_SIDE, that trade stays as it was.
P6  At the end of the data what waits is dropped, resting orders end PENDING, by age, and open trades close, oldest first, at the
    close of their side (instrument's last bar), no slippage, reason END, filled at the close; close_at_end=False leaves them.

What is written
---------------
W1  A fill's place is open, inside or close; the open of a finer bar is inside. An order's row carries its level, its stated
    protection in points and its expiry, 0 for none; a closing part, and a refusal by P1 or below the minimum, carries zeros; a
    refused amendment carries the new stop and target.
W2  Counted: ambiguous bars (I2); close-outs; stamps that end with a balance below zero; fills in the first bar after a closure;
    bars over 17:00 New York in which a trade was opened and closed, once per instrument and bar.
"""
