"""Kept in files: keys, packets that are carried by hand, certificates, and what is sealed under a passphrase."""
