"""Four synthetic agencies and their sources, seeded and marked, and the screen at the end of `./run demo`."""
