"""The loop, without secrets: records of a log become rows, and rows decisions, which are records again.

advance               one fetch, in one transaction: what calls most of the rest
group  accept         its records: taken or repeats, kept in the ledger, handed on
rows  folding         its rows: what is newest, and what came late
decisions  relay      what follows from rows, into the outbox and on into the logs
clock                 the days, which are records, too
follow                round after round of all this, until nothing is left to do
handed  unread  tail  logs that are read by others, that wait, that somebody only looks at
rebuild  copy         the rows again from the log; the log again somewhere else
"""
