"""Plans of company events: read, checked and compiled, without calling anybody."""
