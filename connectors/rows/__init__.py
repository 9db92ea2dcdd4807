"""Rows at work: cells to values, persons to tokens, rows to drafts of events, and what is new in them."""
