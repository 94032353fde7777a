"""Runs: plans being carried out for one company event each, exactly once."""
