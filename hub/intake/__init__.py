"""Frames become canonical records, and each gets one outcome.

intake            one fetch of an agency, in one transaction: what calls most of the rest
recover           first: do store, log and vault agree?
fetch             then frame after frame: judged, opened, checked
  arrive  check     is it the next one of its sender, and may that one say so?
route             then persons, references and numbers, into records
hear              and which runs ended
agencies  forks   many agencies side by side; one that a fork stops, alone
packets  waiting  frames that were carried here; frames that wait
reply  rhythm     codes by which an offer is answered; who is late
"""
