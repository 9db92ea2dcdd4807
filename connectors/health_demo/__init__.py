"""Mappings of the demo's hospital: four tables of one database. Data, no code."""
