"""Deeds: an activity in words, as in "root added carl as viewer to the team crew".

The keys are those of the catalogue's activities: what happens to repositories, and the audit
trails of all services, whose keys are ``<word>.<what was done>``. One that is not known here is
told by its own words, so that nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = Mapping[str, Any]

PUSHED: Final = "pushed"
DELETED: Final = "deleted"
_OURSELVES: Final = frozenset({"_auth", "_sync", "_catalog"})
_NOBODY: Final = frozenset({"", "anonymous"})
_DONE: Final = {
    "add": "added",
    "change": "changed",
    "create": "created",
    "delete": "deleted",
    "issue": "issued",
    "pull": "pulled",
    "push": PUSHED,
    "release": "released",
    "remove": "removed",
    "revoke": "revoked",
}
# What is put in: `subject` ("team crew"), and what a change says of itself, before and after.
_SENTENCES: Final = {
    "repository.push": PUSHED,
    "repository.pull": "pulled",
    "repository.delete": DELETED,
    "repository.delete_failed": "could not delete",
    "registry.scan": "scanned the registry",
    "sign_in.create": "signed in",
    "sign_in.change": "signed out the {subject}",
    "sign_in.delete": "signed out the {subject}",
    "sign_in.revoke": "signed out the {subject}",
    "sign_in.fail": "failed to sign in as {subject}",
    "docker_login.create": "signed a docker client in",
    "docker_login.delete": "signed a docker client of the {subject} out",
    "application_token.create": "created the application token {application} for the {subject}",
    "application_token.delete": "deleted the application token {application} of the {subject}",
    "team.add_member": "added {user} as {role} to the {subject}",
    "team.remove_member": "removed {user} from the {subject}",
    "team.change_member_role": "made a member of the {subject} {role}",
    "namespace.change_visibility": "made the {subject} {visibility}",
    "namespace.change_team": "gave the {subject} to the team {team}",
    "user.issue_reset": "issued a password reset for the {subject}",
    "user.send_reset": "sent a letter for a new password to the {subject}",
    "user.fail_to_send_reset": "could not send a letter for a new password to the {subject}",
    "rules.change": "changed what people may do here",
    "user.release_name": "released the name of the {subject}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who did what: `actor` and `text` together are a sentence."""

    actor: str
    text: str


class _Known(dict[str, str]):
    """Stand in for what an activity does not say."""

    def __missing__(self, name: str) -> str:
        return "something"


def deed_of(activity: Json) -> Deed:
    """Say an activity in words; the repository of one is shown beside it, not in them."""
    key, details = str(activity["key"]), activity.get("details") or {}
    given = _Known(subject=_subject(details))
    for state in (details.get("before"), details.get("after")):
        given.update({name: _word(value) for name, value in (state or {}).items()})
    sentence = _SENTENCES.get(key) or _plain(key, given["subject"])
    return Deed(actor=_actor(activity), text=sentence.format_map(given))


def _actor(activity: Json) -> str:
    name = activity.get("actor") or ""
    if name in _OURSELVES or activity["key"] == "registry.scan":
        return "Portus"
    return "Somebody" if name in _NOBODY else str(name)


def _subject(details: Json) -> str:
    subject = str(details.get("subject") or "")
    return "global namespace" if subject == "namespace _" else subject


def _word(value: object) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _plain(key: str, subject: str) -> str:
    """Say ``robot_token.create`` of ``robot ci`` as "created a robot token: robot ci"."""
    word, _, what = key.rpartition(".")
    verb, _, more = what.partition("_")
    done = " ".join(part for part in (_DONE.get(verb, verb), more.replace("_", " ")) if part)
    thing = word.replace("_", " ")
    if subject.startswith(f"{thing} ") or (thing and subject.endswith(f" {thing}")):
        return f"{done} the {{subject}}"
    about = f"{thing}: {{subject}}" if subject else thing
    return f"{done} {about}".rstrip()
