"""Databases of agencies: real servers, and the dialects of those that nobody can start here."""
