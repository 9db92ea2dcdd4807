"""One run of a connector: read, guard, publish, account for every row, and hear what the hub answered."""
