"""The edge: the program at an agency, which reads rows where they lie and publishes what they say, sealed.

Begin with `run/run.py`, a run from top to bottom; then `rows` (what a row says), `frames` (what leaves the house) and
`spool` (what is remembered). `sources` has a module a kind of place, `forms` one a kind of value. `ready` and `*_demo`
are mappings: data, no code.
"""
