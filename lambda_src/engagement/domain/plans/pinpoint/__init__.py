"""What Amazon Pinpoint makes of plans."""
