"""What customers did with what a run sent them."""
