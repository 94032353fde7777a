"""Stamps: user attributes for everybody in an audience."""
