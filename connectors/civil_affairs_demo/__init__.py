"""Mappings of the demo's civil affairs bureau: a log of steps in CSV, a workbook of two sheets. Data, no code."""
