"""SQLite, and what all kinds of SQL database have in common.

log  log_tables                                      the log in one file
store  unit  views  switch  tally                    rows and views: a file, a transaction, snapshots, a shadow
intake  vault                                        what intake remembers, who is who
begun  chains  committed  kept  remembered  shadowed the half of these that PostgreSQL has, too
tables  schema                                       tables declared once; statements derived from them
opening  formats  faults                             made ready, brought up to date, and what is told when one fails
copies  kept_rows  table_copies                      what backups and moves take along
"""
