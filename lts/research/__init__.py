"""Research: run, replay, trace, results and their statistics."""
