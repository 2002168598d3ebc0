"""A mail server of a test's own: it takes letters by SMTP and keeps them."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portus_shared.testing.waiting import free_port

USER: Final = "portus"
PASSWORD: Final = "the password of the mail server"


class MailServer:
    """Take letters on a port of 127.0.0.1.

    With `directory` it demands STARTTLS and a sign-in as `USER`; its certificate is `ca_file`.
    """

    def __init__(self, directory: Path | None = None, port: int | None = None) -> None:
        self.letters: list[EmailMessage] = []
        self.answer = "250 taken"
        self.port = port or free_port()
        self.ca_file = None if directory is None else directory / "mail.pem"
        secured: dict[str, Any] = {}
        if self.ca_file is not None:
            secured = {
                "tls_context": _context(self.ca_file),
                "require_starttls": True,
                "auth_required": True,
                "authenticator": _authenticate,
            }
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **secured)

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: object, session: object, envelope: Envelope
    ) -> str:
        """Keep a letter, or refuse it as `answer` says."""
        del server, session
        if self.answer.startswith("250"):
            letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return self.answer

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def _authenticate(
    server: object, session: object, envelope: object, mechanism: str, given: object
) -> AuthResult:
    del server, session, envelope, mechanism
    right = isinstance(given, LoginPassword) and given.login == USER.encode()
    right = right and given.password == PASSWORD.encode()  # type: ignore[attr-defined]
    return AuthResult(success=right, handled=False)


def _context(certificate: Path) -> ssl.SSLContext:
    """Make a certificate for 127.0.0.1 and what serves it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    begin = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = certificate.with_suffix(".key")
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return context
