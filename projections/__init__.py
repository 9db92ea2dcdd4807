"""What follows from events: pure folds and decisions, which know events and the core only (law 5).

`case` is a person's way, `market` a city's sites and needs, `trail` the audit. `definitions` makes groups of them,
`dictionary` names public views and columns, `profiles` is the policy that they follow.
"""
