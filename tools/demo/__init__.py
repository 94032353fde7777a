"""`make demo`: the complete example on the local cloud, with calls and a company event that travel through it."""
