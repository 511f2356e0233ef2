"""The version, in a file that the build backend can read without importing LTS."""

__version__ = "0.1.0"
