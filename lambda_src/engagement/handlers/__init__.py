"""Lambda entry points: parse, call the domain, call an adapter, answer."""
