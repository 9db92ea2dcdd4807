"""A city's market: `sites` and `needs` fold, `decide` proposes a site to a need, and `match` chooses it."""
