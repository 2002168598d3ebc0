"""Letters to people, by an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final, Literal

from portus_shared.clock import now
from portus_shared.config import Secret

Security = Literal["starttls", "tls", "none"]
SECURITIES: Final[tuple[Security, ...]] = ("starttls", "tls", "none")
_TIMEOUT_S: Final = 20.0
_FOR_EVER: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The server that takes letters, and whom they come from.

    `domain` is what we call ourselves to it; `ca_file` vouches for its certificate where the
    system's authorities do not. Without `user_name` nobody signs in there.
    """

    address: str
    port: int
    security: Security
    domain: str
    ca_file: Path | None
    user_name: str
    password: Secret
    sender: str
    sender_name: str
    reply_to: str


class NotSent(Exception):
    """Say that the server did not take a letter; `final` when it never will."""

    def __init__(self, reason: str, *, final: bool) -> None:
        self.final = final
        super().__init__(reason)


def send(settings: MailSettings, to: str, subject: str, text: str) -> None:
    """Hand one letter to the server; raises `NotSent`."""
    try:
        message = _message(settings, to, subject, text)
        with _connection(settings) as server:
            if settings.user_name:
                server.login(settings.user_name, settings.password.reveal())
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotSent(f"refused: {code} {_words(said)}", final=code >= _FOR_EVER) from error
    except smtplib.SMTPAuthenticationError as error:
        # An operator who mends the password should not find all letters given up.
        raise NotSent(f"sign-in refused: {error.smtp_code}", final=False) from error
    except smtplib.SMTPResponseException as error:
        reason = f"refused: {error.smtp_code} {_words(error.smtp_error)}"
        raise NotSent(reason, final=error.smtp_code >= _FOR_EVER) from error
    except OSError as error:
        # All of smtplib's errors and of ssl's, some of which are a ValueError too.
        raise NotSent(f"{type(error).__name__}: {error}", final=False) from error
    except (MessageError, ValueError) as error:
        raise NotSent(f"cannot be written: {error}", final=True) from error


def _message(settings: MailSettings, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = Address(addr_spec=to)
    if settings.reply_to:
        message["Reply-To"] = Address(addr_spec=settings.reply_to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=settings.domain)
    message["Auto-Submitted"] = "auto-generated"
    # As it is where that can be: an encoding would break the link over two lines.
    message.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    return message


def _connection(settings: MailSettings) -> smtplib.SMTP:
    host, port, ourselves = settings.address, settings.port, settings.domain
    if settings.security == "none":
        return smtplib.SMTP(host, port, ourselves, timeout=_TIMEOUT_S)
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.security == "tls":
        return smtplib.SMTP_SSL(
            host, port, local_hostname=ourselves, timeout=_TIMEOUT_S, context=context
        )
    server = smtplib.SMTP(host, port, ourselves, timeout=_TIMEOUT_S)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _words(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
