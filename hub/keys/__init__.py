"""The keys of an installation: which there are, whether they are the right ones, and how each kind is rotated."""
