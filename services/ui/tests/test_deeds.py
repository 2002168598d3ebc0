"""Activities in words, for those who run the place."""

from typing import Any

import pytest

from portus_ui.views.deeds import deed_of

USER = {"user": "carl", "role": "viewer"}


def said(key: str, subject: str = "", actor: str | None = "root", **details: Any) -> str:
    deed = deed_of({"key": key, "actor": actor, "details": {"subject": subject, **details}})
    return f"{deed.actor} {deed.text}"


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("root signed in", said("sign_in.create", "user root")),
        ("Somebody failed to sign in as user root", said("sign_in.fail", "user root", "anonymous")),
        ("root created the user bob", said("user.create", "user bob")),
        ("root changed the user bob", said("user.change", "user bob")),
        (
            "root issued a password reset for the user bob",
            said("user.issue_reset", "user bob"),
        ),
        (
            "root added carl as viewer to the team crew",
            said("team.add_member", "team crew", after=USER),
        ),
        (
            "root removed carl from the team crew",
            said("team.remove_member", "team crew", before=USER),
        ),
        (
            "root made the namespace web public",
            said(
                "namespace.change_visibility",
                "namespace web",
                before={"visibility": "private"},
                after={"visibility": "public"},
            ),
        ),
        (
            "Portus created the global namespace",
            said("namespace.create", "namespace _", "_auth"),
        ),
        ("Portus scanned the registry", said("registry.scan", actor=None)),
        ("Somebody pushed", said("repository.push", actor=None)),
    ],
    ids=lambda text: text[:40],
)
def test_an_activity_is_a_sentence(sentence: str, told: str) -> None:
    assert told == sentence


def test_an_unknown_activity_is_told_by_its_own_words() -> None:
    assert said("gate.open_wide", "gate of {subject}") == "root open wide the gate of {subject}"
    assert said("quarantine.replay", "event 7") == "root replay quarantine: event 7"
    assert said("odd") == "root odd"


def test_what_an_activity_does_not_say_is_left_open() -> None:
    assert (
        said("team.add_member", "team crew") == "root added something as something to the team crew"
    )
