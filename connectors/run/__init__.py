"""One run of a connector: read, guard, publish, account for every row, and hear what the hub answered.

run          the door: outcomes, send, one transaction, send, outcomes
once         that transaction, in stages; a lot of a backfill is one, too
  given        what it works with, and what was asked for
  underway     its beginning (incarnation, former), and what works until its end
  reading      the source (opening, resume), the guard, what vanished (linking)
  engine       rows: what a lot is met with (met), new, changed, doubled (doubles), refused (refused, sealed_row)
  report       what became of each (receipt: for who filled them in)
outcomes     what the hub answered (reached, unsaid)
offline      where no network leads to the hub
"""
