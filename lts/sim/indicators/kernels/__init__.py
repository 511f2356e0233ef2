"""The compiled updates. Each file is closed in itself: no kernel calls one of another file (numba's cache would serve stale code).

Common rules. A state is flat. An input that is not finite (`not x - x == 0.0`) sets the indicator back to its start: nan until it
has seen its warm-up anew. A part fed with the nan of another part's warm-up therefore waits by itself. Rings of floats are written
twice, one window apart, so that the last `window` values always lie in one piece, oldest first: a window's value depends on nothing
else.
"""
