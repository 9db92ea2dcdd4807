"""Mappings of the demo's stations: JSON lines and monthly workbooks, through the county's edge. Data, no code."""
