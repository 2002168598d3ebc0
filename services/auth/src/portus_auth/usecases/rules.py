"""The switches: kept as the settings say, told with what they leave of everybody's rights."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portus_auth.domain.actors import Actor
from portus_auth.domain.rules import SETTINGS, Rules
from portus_auth.storage import namespaces, rules as kept
from portus_auth.usecases import publish
from portus_shared.clock import next_revision
from portus_shared.config import PREFIX
from portus_shared.errors import Denied


class SwitchedOff(Denied):
    """Say that the operator of this installation has left something to admins, or to nobody."""

    code = "switched-off"


def refusal(actor: Actor, rules: Rules, switch: str, what: str) -> Denied:
    """Return why somebody may not: by a switch, where it is off, or for want of a role."""
    if getattr(rules, switch):
        return Denied()
    setting = f"{PREFIX}{SETTINGS[switch]} is false"
    if actor.admin or switch == "delete_images":
        return SwitchedOff(f"Nobody may {what} here: {setting}")
    return SwitchedOff(f"Only admins may {what} here: {setting}")


def ensure_rules(session: Session, wanted: Rules) -> None:
    """Keep the settings' switches; where they changed, every namespace's grants are told anew.

    The last process to start decides for all: during a change of settings old ones follow.
    """
    if kept.current(session) == wanted:
        return
    revision = next_revision(session)
    # Another process may have been first, while this one waited for the revision.
    if kept.latest(session) == wanted:
        return
    kept.keep(session, wanted)
    everywhere = namespaces.everything(session)
    for namespace in everywhere:
        namespace.touch(revision)
    publish.namespaces_changed(session, everywhere)
