"""`make demo`: the complete example on the local cloud, with calls that travel through it."""
