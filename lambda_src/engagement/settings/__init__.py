"""What a function is told by its environment, read once, with every error at once: one module per handler."""
