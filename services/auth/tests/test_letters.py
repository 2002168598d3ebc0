"""Letters to people who forgot their password, through a real mail server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from services.auth.tests import trail
from services.auth.tests.people import PASSWORD, Caller, People, basic, service
from sqlalchemy import select, update

from portus_auth.app import LETTERS_AN_HOUR, Auth, build
from portus_auth.config import Settings, read
from portus_auth.mailer import Mailer
from portus_auth.storage.tables import Letter
from portus_auth.usecases.letters import MAX_AN_HOUR, MAX_ATTEMPTS, pause_s
from portus_auth.worker import mailers
from portus_shared.clock import now
from portus_shared.config import InvalidSettings
from portus_shared.testing.mail import PASSWORD as MAIL_PASSWORD, USER, MailServer

ASK = "/internal/v1/password-letters"
NEW = "a brand new password"


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def mailing(environ: dict[str, str], post: MailServer) -> Settings:
    return read({**environ, **_mail(post)})


@pytest.fixture
def portus(auth: Auth, mailing: Settings) -> Auth:
    """auth that sends letters."""
    return build(mailing, database=auth.database)


@pytest.fixture
def mailer(portus: Auth, mailing: Settings) -> Mailer:
    (made,) = mailers(mailing, portus.database)
    return made


@pytest.fixture
def ask(portus: Auth) -> Callable[..., Any]:
    """Ask as ui does, for somebody at a browser."""

    def asked(login: str, address: str = "192.0.2.7") -> Any:
        return service(portus).post(ASK, json={"login": login, "address": address})

    return asked


def _mail(post: MailServer, **others: str) -> dict[str, str]:
    own = {
        "SMTP_ENABLED": "true",
        "SMTP_ADDRESS": "127.0.0.1",
        "SMTP_PORT": str(post.port),
        "SMTP_SECURITY": "none",
        "FROM": "portus@example.org",
        "REPLY_TO": "help@example.org",
        **others,
    }
    return {f"PORTUS_EMAIL_{name}": value for name, value in own.items()}


def _rows(auth: Auth) -> list[Letter]:
    with auth.database.read() as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))


def _make_due(auth: Auth) -> None:
    with auth.database.write() as session:
        session.execute(update(Letter).values(due_at=now()))


def test_a_letter_lets_somebody_set_their_password_once(
    portus: Auth, people: People, post: MailServer, mailer: Mailer, ask: Callable[..., Any]
) -> None:
    alice = people["alice"]
    assert ask("Alice@example.org").status_code == 204
    assert mailer.send_one()
    (letter,) = post.letters
    assert letter["From"] == "Portus <portus@example.org>"
    assert (letter["To"], letter["Reply-To"]) == ("alice@example.org", "help@example.org")
    assert letter["Subject"] == "A new password for alice"
    found = re.search(r"http://portus.test/reset#(\S+)", str(letter))
    assert found, "the link stands in one line, also before decoding"
    body = {"token": found[1], "password": NEW}
    used = [Caller(portus).post("/api/v1/users/password_resets", json=body) for _ in range(2)]
    assert [answer.status_code for answer in used] == [204, 422]
    signed_in = Caller(portus, basic("alice", NEW))
    assert signed_in.get(f"/api/v1/users/{alice.id}").status_code == 200


def test_neither_letter_nor_token_is_kept(
    auth: Auth, people: People, post: MailServer, mailer: Mailer, ask: Callable[..., Any]
) -> None:
    ask(people["alice"].username)
    mailer.send_one()
    (row,) = _rows(auth)
    assert (row.login, row.outcome, row.reason) == ("", "sent", "")
    assert trail.last(auth, "user.send_reset").subject == "user alice"
    assert "prp_" not in trail.raw(auth)
    assert "prp_" in post.letters[0].get_content()


def test_who_is_nobody_is_answered_the_same_and_written_to_by_nobody(
    auth: Auth, people: People, post: MailServer, mailer: Mailer, ask: Callable[..., Any]
) -> None:
    disabled = people["dave"]
    people.root.put(f"/api/v1/users/{disabled.id}", json={"user": {"enabled": False}})
    bot = {"username": "bot", "email": "bot@example.org", "bot": True}
    assert people.root.post("/api/v1/users", json={"user": bot}).status_code == 201
    people["alice"]
    answers = [ask(who) for who in ("nobody", "dave", "bot", "alice")]
    assert {(answer.status_code, answer.data) for answer in answers} == {(204, b"")}
    assert mailer.send_one()
    assert not mailer.send_one()
    assert [letter["To"] for letter in post.letters] == ["alice@example.org"]
    assert len(_rows(auth)) == 1


def test_haste_is_slowed_down_by_address_and_by_account(
    people: People, post: MailServer, mailer: Mailer, ask: Callable[..., Any]
) -> None:
    people["alice"]
    answers = [ask("alice").status_code for _ in range(LETTERS_AN_HOUR + 1)]
    assert answers == [204] * LETTERS_AN_HOUR + [429]
    assert int(ask("alice").headers["Retry-After"]) > 60
    assert ask("alice", "192.0.2.8").status_code == 204
    while mailer.send_one():
        pass
    assert len(post.letters) == MAX_AN_HOUR


def test_a_letter_is_tried_again_when_the_server_is_back(
    auth: Auth, people: People, post: MailServer, mailer: Mailer, ask: Callable[..., Any]
) -> None:
    people["alice"]
    ask("alice")
    post.answer = "451 come back later"
    assert mailer.send_one()
    (row,) = _rows(auth)
    assert (row.attempts, row.ended_at) == (1, None)
    assert "451" in row.reason
    assert not mailer.send_one(), "it waits half a minute"
    post.answer = "250 taken"
    _make_due(auth)
    assert mailer.send_one()
    assert len(post.letters) == 1


def test_a_letter_that_is_refused_for_good_is_given_up_and_recorded(
    auth: Auth, people: People, post: MailServer, mailer: Mailer, ask: Callable[..., Any]
) -> None:
    people["alice"]
    ask("alice")
    post.answer = "550 no such mailbox"
    mailer.send_one()
    (row,) = _rows(auth)
    assert (row.outcome, row.reason) == ("failed", "refused: 550 no such mailbox")
    assert trail.last(auth, "user.fail_to_send_reset").subject == "user alice"


def test_a_server_that_is_away_costs_every_attempt_and_then_the_letter(
    auth: Auth, people: People, environ: dict[str, str], post: MailServer, ask: Callable[..., Any]
) -> None:
    people["alice"]
    ask("alice")
    elsewhere = read({**environ, **_mail(post, SMTP_PORT="9")})
    (mailer,) = mailers(elsewhere, auth.database)
    for _ in range(MAX_ATTEMPTS):
        assert mailer.send_one()
        _make_due(auth)
    assert not mailer.send_one()
    (row,) = _rows(auth)
    assert row.outcome == "failed"
    assert "ConnectionRefusedError" in row.reason


def test_pauses_grow_to_hours() -> None:
    assert [pause_s(attempts) for attempts in (1, 2, 3, 9)] == [30, 120, 480, 4 * 3600]
    whole = timedelta(seconds=sum(pause_s(each) for each in range(1, MAX_ATTEMPTS)))
    assert timedelta(hours=6) < whole < timedelta(hours=24)


def test_letters_go_by_starttls_and_with_a_sign_in(
    auth: Auth, people: People, environ: dict[str, str], tmp_path: Path, ask: Callable[..., Any]
) -> None:
    people["alice"]
    ask("alice")
    with MailServer(tmp_path) as secured:
        safe = {"SMTP_SECURITY": "starttls", "SMTP_USER_NAME": USER}
        wrong = read({**environ, **_mail(secured, **safe, SMTP_PASSWORD="x")})
        (mailer,) = mailers(wrong, auth.database)
        assert mailer.send_one()
        assert "CERTIFICATE_VERIFY_FAILED" in _rows(auth)[0].reason
        safe |= {"SMTP_CA_PATH": str(secured.ca_file)}
        for password, arrived in (("x", 0), (MAIL_PASSWORD, 1)):
            right = read({**environ, **_mail(secured, **safe, SMTP_PASSWORD=password)})
            (mailer,) = mailers(right, auth.database)
            _make_due(auth)
            assert mailer.send_one()
            assert len(secured.letters) == arrived, _rows(auth)[0].reason


def test_without_a_mail_server_nobody_is_promised_a_letter(auth: Auth, settings: Settings) -> None:
    answer = service(auth).post(ASK, json={"login": "alice"})
    assert answer.status_code == 404
    assert "an admin can give out a link" in answer.json["message"]
    assert service(auth).get("/internal/v1/about").json["mail"] is False
    assert list(mailers(settings, auth.database)) == []


def test_faults_of_mail_settings_are_told_at_once(environ: dict[str, str]) -> None:
    wrong = {
        "PORTUS_EMAIL_SMTP_ENABLED": "true",
        "PORTUS_EMAIL_SMTP_SECURITY": "none",
        "PORTUS_EMAIL_SMTP_USER_NAME": "portus",
        "PORTUS_EMAIL_FROM": "a, b@example.org",
    }
    with pytest.raises(InvalidSettings) as caught:
        read({**environ, **wrong})
    faults = "\n".join(caught.value.faults)
    for name in ("SMTP_ADDRESS", "SMTP_USER_NAME", "FROM"):
        assert f"PORTUS_EMAIL_{name} " in faults
    assert PASSWORD not in faults
