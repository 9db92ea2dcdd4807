"""The spool: what an edge remembers between runs, in one SQLite file (architecture §4, law 12)."""

from connectors.spool.spool import Spool
from connectors.spool.state import FORMAT, State
from connectors.spool.tables import Concerned, Known, Place, RefusedRow, Sent, TakenBack

__all__ = ["FORMAT", "Concerned", "Known", "Place", "RefusedRow", "Sent", "Spool", "State", "TakenBack"]
