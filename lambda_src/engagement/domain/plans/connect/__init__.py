"""What Amazon Connect makes of plans."""
