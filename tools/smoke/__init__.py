"""`make smoke`: asks a real deployment what the local cloud can only assume, and says where the two differ.

Every call names the event `_smoke`. Such names are reserved, so the consumer rejects it and nothing reaches Pinpoint.
"""
