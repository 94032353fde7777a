"""`make run-show` and `make run-stop`: runs of company events, as the ledger knows them."""
