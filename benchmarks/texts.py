"""What RESULTS.md says around its tables."""

HEAD = """\
# Benchmarks

`make bench` wrote this page: {mode}. LTS {lts} at commit {commit} ({date}). Machine: {processor}, {cores} cores, {memory},
{system}, Python {python}. Load before {load_before}, after {load_after} (processes that wanted a core in the last minute; the
run itself is one). {core}

**Quote the ratios.** They come from rounds in which the engines take turns on one core; the times drift with the machine.
"""

RULE_A = """\
## One backtest

SMA 20/100 reversal over one-minute bars, target 30 pips, stop 20 pips inside the bar, commission, each bar's spread, slippage,
swap and margin, equity at every close, headline statistics. Signals, simulation and statistics are inside the clock; imports,
compilation and turning the bars into what the engine wants (arrays, frames, bar objects) are not. "to LTS" is time a bar
divided by LTS's, same round: above 1 is slower than LTS.
"""

GAP = """\
The hand-written loop has one rule, one pair, netting and two exits compiled in, and keeps nothing but equity. It and LTS come
to the same trades and the same balance; a test holds them equal to the cent. What LTS does beyond it: features as arrays of
their own, any `decide`, any cost model, logs of all orders, fills and trades, what each cost took, ambiguous bars counted and
traceable. Where the time of a million bars goes, ms:
"""

RULES = "Other rules of the house over the same million bars, run and headline:\n"

RULE_B = """\
## A sweep

The first rule over many sets of (fast, slow, target, stop): 100 pairs of means, for each 10 exits, or 240. The market is the
same: each bar's spread, slippage, commission, swap, margin. Means, signals, simulation and each set's profit, trades and
drawdown are inside the clock; for LTS also everything that it prepares from bars that no sweep has seen, and its table. "ns" is
for one bar and set, "to LTS" divides it by that of LTS's money statistics in the same round. In brackets behind LTS's rows:
how the sets ran, on a fast path ("grid") or bar by bar in the compiled loop ("loop").
"""

SIZES = """\
The sizes differ, for nobody waits hours for a benchmark: engines that are slower than LTS by two to four orders get fewer sets,
evenly spread over the thousand (backtesting.py: pairs of means with one exit, for `optimize` knows products), or fewer bars.
Their time for a bar and set does not depend on how many there are: raptorbt and vectorbt were tried with 20 sets of 1,000,000
bars and 200 of 100,000, and the faster was kept. raptorbt's batches are of 20 sets, which is faster for it than all at once and
needs less memory; it always computes its ratios. vectorbt is not asked for a Sharpe ratio here. With all sets as columns of one
call it wants more than 15 GiB. Peak memory of backtesting.py is that of one of its processes. LTS takes the first side that the
means show, the others wait for the first crossing: one trade a set. vectorbt has one order a bar, so of an exit and an entry on
the same bar it makes one.
"""

RULE_C = """\
## A rule with a memory, called at every bar

When flat, enter where the means cross; leave behind the best close (15 pips) or after 240 bars. "to LTS" divides compiled
engines by LTS compiled, and engines that call Python at every bar by `lts.replay`, which runs the same object bar by bar in
plain Python and comes to the same bytes as the compiled run.
"""

COLD = """\
## Whole processes

From `python` to the result of one backtest of rule A: interpreter, imports, bars from disk, compilation or the cache, the run.
The bytecode is compiled beforehand. Empty cache: nothing compiled on this machine yet; one process. Warm cache: median of the
next {again}. Ratios are of whole processes, although slow engines have fewer bars to go through.
"""

START = "The command line, and an import, without a backtest; ms, fastest of five:\n"

FRAMES = """\
## What is made on demand

From the result of rule A over a million bars with {trades:,} trades; ms unless it says otherwise. "first" includes what is
loaded or compiled once in a process.
"""

HOW = """\
## How it is measured

- The same bars for all: seeded minutes of a random walk on EUR/USD's grid, bid and a spread for each bar
  ([workload.py](workload.py)).
- Each engine in an environment of its own with pinned versions ([peers](peers)), each job in a process of its own, on one core
  with one thread where it does not say two, in turn, {rounds} round(s). A process runs the job once, then again for
  {seconds:g} s, at most 15 times, at least once. "time" is the median of the rounds' medians, "fastest" the fastest run of all.
  The range beside a ratio is that of the rounds.
- Slow engines get fewer bars: their times are not comparable, their times a bar are.
- Sets of a sweep: [grids.py](grids.py).
- Peak memory is that of a process after its first run, with imports; so it is one run's.
- "same bars object": bars keep what a run prepared from them (prices on their grid, calendar), so a second run does not pay
  again. "new bars object": every run starts from bars that no run has seen.
- Raw figures of every round: [results.json](results.json).
"""

SEMANTICS = """\
## What differs between the engines

Trades and balances (beside them, in brackets, what LTS comes to on as many bars) show that the work is the same; the balances
differ by cost models and by when a decision is filled.

- LTS and the limit: bid and ask of each bar, integer prices and money, swap at 17:00 New York, margin close-out.
- vectorbt: one price; half of each bar's spread and the slippage as slippage; no swap, no margin. Its Rust engine takes no
  callbacks, so rule C runs in numba.
- raptorbt: one price; size, costs and stops are shares of equity and price; the array path knows one direction, so a reversal
  is a long run and a short run, each with its own account. Its balance here is cash plus the profit of its trades: the end
  value that it reports for short runs contradicts them.
- backtesting.py: one price; one spread for all bars; stop and target count from the close that decides.
- backtrader: one price; half of one spread as slippage; stop and target count from the close that decides; bracket orders, a
  drawdown analyser.
- nautilus_trader: bid and ask bars, order and event objects for everything; fills at the close that decides, not at the next
  open; its venue's own fee, no slippage.
- Event engines keep every order and event as an object, which arrays do not: some of their time buys that.
"""
