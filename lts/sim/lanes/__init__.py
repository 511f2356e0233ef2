"""The exit-jump grid: many stops and targets on one stream of signals, each window between two signals looked at once.

A fenced exception to "one market": a faster evaluation of a subset of `lts.sim.kernel`, held equal to it to the byte by tests over
random input. The subset: one instrument, a netting account, quotes that do not cross, market entries that depend on the signals
alone (`SignalStrategy`), a stop and a target at fixed distances, the policies "worst" and "best", every cost but drawn slippage.
A set that might meet the margin, at an entry or by the close-out, is only recognised here, and then runs on the kernel.

Between the fill of one signal and that of the next nothing but prices decides when a stop or target is reached. So for each window
(rows a to e): the first row that reaches each stop, then each target (levels ascend, each search goes on from the last); one scan
of the marks that keeps their lowest and highest at each exit; then every (stop, target) follows from two comparisons.

Words: signed space = prices of shorts negated, so that both sides go up to win. window = [a, e), a the row of the fill, e that of
the next. lane = one (stop, target). key = 2 * row (the open of the row) or 2 * row + 1 (inside it): the moment of an exit; of two
exits the one with the smaller key happens, at equal keys the policy decides. Money is whole micro throughout: sums in int64,
equity of lanes in float64, which holds whole numbers up to 2**53 exactly.
"""
