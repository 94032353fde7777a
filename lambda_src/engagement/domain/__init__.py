"""The rules: pure Python without AWS, environment, clock or randomness."""
