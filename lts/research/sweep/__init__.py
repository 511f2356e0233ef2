"""Many sets of parameters on one market."""
