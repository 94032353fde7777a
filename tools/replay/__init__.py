"""`make replay`: messages of the dead-letter queue or of the rejects queue go back to the ingest queue."""
