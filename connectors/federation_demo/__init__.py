"""Mappings of the demo's disability federation: two CSV files in GB18030. Data, no code."""
