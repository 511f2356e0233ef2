"""The peers: one module each, imported in that peer's own environment."""
