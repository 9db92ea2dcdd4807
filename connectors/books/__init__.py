"""Workbooks for people: a mapping to be signed, a template to be filled in."""
