"""Intake of many agencies in one process: who is stopped by a fork stops alone, and what was done is counted."""

from collections.abc import Mapping

from hub.core.errors import HubError, IntegrityError
from hub.intake.forks import FORKS
from hub.intake.intake import Intake
from hub.ports.telemetry import Telemetry


class Agencies:
    """`intake` by agency, some events at a time; `stopped` are the agencies that wait for a person, with why."""

    def __init__(self, intake: Intake, telemetry: Telemetry, fetch: int) -> None:
        """`fetch` is what a group reads at once. Intake takes twice that: each time it appends to every partition."""
        self._intake, self._telemetry, self._events = intake, telemetry, 2 * fetch
        self.stopped: dict[str, HubError] = {}
        self._refused: dict[str, Mapping[str, int]] = {}

    def names(self) -> list[str]:
        """Every agency that has a connector, sorted."""
        return self._intake.agencies()

    def offset(self, agency: str) -> int:
        """The next offset of the agency's frames, by what is committed."""
        return self._intake.offset(agency)

    def advance(self, agency: str) -> int:
        """One fetch of an agency; returns how many frames that was.

        A fork stops its agency alone, until a person rules that frame out.
        """
        if agency in self.stopped:
            if not self._intake.ruled_out(str(self.stopped[agency].place["frame"])):
                return 0
            del self.stopped[agency]
        if agency not in self._refused:  # a counter tells what happened since the start
            self._refused[agency] = self._intake.totals(agency)
        try:
            progress = self._intake.advance(agency, self._events)
        except IntegrityError as error:
            if error.code not in FORKS:
                raise
            self._telemetry.failed("stopped", error, agency=agency)
            self.stopped[agency] = error
            return 0
        if progress.frames:
            self._telemetry.count("events", progress.appended, publisher=agency)
            self._count_refused(agency)
        return progress.frames

    def _count_refused(self, agency: str) -> None:
        before, totals = self._refused[agency], self._intake.totals(agency)
        for code, number in totals.items():
            if code.startswith("HUB-"):
                self._telemetry.count("refused", number - before.get(code, 0), publisher=agency, code=code)
        self._refused[agency] = totals
