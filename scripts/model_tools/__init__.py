"""Shared parts of the scripts that make the demo model and the benchmark model."""
