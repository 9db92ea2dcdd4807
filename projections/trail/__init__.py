"""The audit trail: who asserted what, from which row, on which ground, and which rule was broken."""
