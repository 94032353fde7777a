"""Pixel calls and company events become customer engagement."""
