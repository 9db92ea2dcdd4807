"""Log lines and metrics of a running program."""
