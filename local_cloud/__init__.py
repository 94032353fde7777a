"""A whole AWS on one loopback port: MiniStack with what this product needs and MiniStack lacks.

It serves tests and the demo. Nothing of it is deployed, and `lambda_src` neither imports it nor is imported by it.
"""
