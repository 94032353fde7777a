"""`make plan-check` and `make plan-show`: plans, without AWS."""
