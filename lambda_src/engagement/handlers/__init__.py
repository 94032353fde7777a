"""Lambda entry points: parse, call the domain, call an adapter, answer."""

import gc

# What a cold start makes, about 90,000 objects, stays, and what a batch makes goes without the collector: looking for
# cycles after every few hundred of them would take a twentieth of a start's CPU.
gc.set_threshold(200_000)
