"""Intake: from frames to canonical records."""
