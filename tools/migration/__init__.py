"""`make migrate-app`: files saved from Amazon Pinpoint become files for Amazon Connect, without AWS."""
