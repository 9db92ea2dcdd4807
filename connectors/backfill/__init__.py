"""History in pieces: ten years of rows beside the nightly run (decision 023). `backfill` is the door."""
