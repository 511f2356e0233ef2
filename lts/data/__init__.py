"""Bars in: reading, judging, resampling, generating."""
