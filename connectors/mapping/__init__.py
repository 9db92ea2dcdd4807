"""The mapping language: a TOML file with its code tables, read and written."""
