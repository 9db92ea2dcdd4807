"""Log and store as strict models: they promise no more than the ports do, and accuse misuse (laws 2, 4)."""
