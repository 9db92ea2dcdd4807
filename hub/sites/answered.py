"""Which offers a site has answered with yes: they stand until they are assigned, and nobody is to be asked again.

No fold keeps such an answer, because it is advice and changes nothing; the ledger has it, so it is read there.
"""

from collections.abc import Iterator, Sequence

from hub import wiring
from hub.core.event import Event
from hub.core.frame import OFFER
from hub.core.reply import ACCEPTED, ANSWERS, OFFER_ASKED
from hub.installation import Installation
from hub.intake.reply import Replies
from hub.intake.route import SECRET
from hub.ports.views import Snapshot
from hub.sites.inbox import OFFER as MERE_OFFER
from hub.sites.inbox import Question

_YES = ANSWERS[OFFER_ASKED][ACCEPTED]


def with_answers(hub: Installation, snapshot: Snapshot, questions: Sequence[Question]) -> list[Question]:
    """The questions, each offer that its site accepted with the day of that answer."""
    replies = Replies(wiring.hub_keys(hub.settings), SECRET)
    persons: dict[str, dict[bytes, int]] = {}
    found = []
    for one in questions:
        if one.matter == MERE_OFFER:
            named = replies.open(one.code, _YES, one.site, one.since or 0)
            assert not isinstance(named, str)  # it was made of this store a moment ago
            if one.site not in persons:
                rows = snapshot.rows("persons_case", ("offer", "id"), {"offer_site": one.site})
                persons[one.site] = {offer: id for offer, id in rows if offer}
            if (id := persons[one.site].get(named.offer)) is not None:
                one = one._replace(answered_on=_said_yes(hub, snapshot, id, one, named.offer))
        found.append(one)
    return found


def _said_yes(hub: Installation, snapshot: Snapshot, id: int, question: Question, offer: bytes) -> int | None:
    """The day on which the site said yes to this offer, by its number or, without one, since it was made."""
    history = list(_events(hub, snapshot, id))
    undone = {event.corrects() for event in history}
    days = [
        event.fields.occurred_on
        for event in history
        if event.type == _YES and event.fields.site == question.site and event.id not in undone
        if event.ref(OFFER) in (offer, None) and (event.ref(OFFER) or event.fields.occurred_on >= (question.since or 0))
    ]
    return max(days, default=None)


def _events(hub: Installation, snapshot: Snapshot, id: int) -> Iterator[Event]:
    history = snapshot.history("persons", id)
    if history is None:
        return
    for entry in history.entries:
        yield hub.codec.recall(entry, history.key, history.sources[entry.source])
