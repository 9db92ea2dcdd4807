"""The edge: canonical form and sources."""
