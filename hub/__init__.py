"""The hub: frames come in, events are kept for ever, views go out. Which room is which: docs/decisions/037-rooms.md.

Begin with `intake/intake.py` (frames to records), `flow/advance.py` (records to rows and decisions) and `wiring.py`.
"""
