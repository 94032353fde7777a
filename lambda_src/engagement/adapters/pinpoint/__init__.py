"""Amazon Pinpoint."""
