"""A person's case: `fold` takes what agencies say (`facts`) and what was decided (`told`) along a `way`, and `decide`
tells what follows.

`lifecycle`, `care`, `referral`, `parking` and `duties` are the rules, each of one matter; `tables` is the state.
"""
