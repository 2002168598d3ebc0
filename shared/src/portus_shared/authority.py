"""The certificate authority that vouches for signing keys; its files outlive every process.

Its certificate is what registries and services are given to check tokens with (`keys`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from portus_shared.errors import PortusError

CA_LIFETIME: Final = timedelta(days=3650)
# Registries allow certificates no leeway at all, so their clocks may lag behind by this much.
_BACKDATED: Final = timedelta(hours=1)


class UnusableKey(PortusError):
    """Say that the authority's files on disk cannot be used as they are."""

    code = "unusable-key"


class CertificateAuthority:
    """Vouch for leaves; `pem` is its certificate.

    `bundle` is what verifiers and registries are given: while one authority follows another it
    holds the certificates of both.
    """

    def __init__(
        self,
        certificate: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        others: Sequence[x509.Certificate] = (),
    ) -> None:
        if certificate.public_key() != key.public_key():
            raise UnusableKey("The authority's certificate does not belong to its key")
        if not is_authority(certificate):
            raise UnusableKey("The authority's certificate lacks basicConstraints CA:TRUE")
        if certificate.not_valid_after_utc <= datetime.now(UTC):
            raise UnusableKey("The authority's certificate has expired")
        self.certificate = certificate
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        trusted = [each.public_bytes(serialization.Encoding.PEM) for each in others]
        self.bundle = b"".join([self.pem, *trusted])
        self._key = key

    @classmethod
    def load_or_create(cls, cert_file: Path, key_file: Path) -> CertificateAuthority:
        """Read both files, making those that are missing; the key gets mode 0600.

        Processes that race end up with one and the same authority. A certificate without its key
        is `UnusableKey`: registries may trust it already, so it is never replaced.
        """
        if not key_file.exists():
            if cert_file.exists():
                raise UnusableKey(f"{cert_file} exists, but its key {key_file} does not")
            _create(key_file, _private_pem(ec.generate_private_key(ec.SECP256R1())), 0o600)
        key = _read_key(key_file)
        if not cert_file.exists():
            _create(cert_file, _self_signed(key).public_bytes(serialization.Encoding.PEM), 0o644)
        return cls._with(key, _read_certificates(cert_file))

    @classmethod
    def load(cls, cert_file: Path, key_file: Path) -> CertificateAuthority:
        """Read both files, making neither."""
        for file in (cert_file, key_file):
            if not file.exists():
                raise UnusableKey(f"There is no {file} yet; auth makes it at its first start")
        return cls._with(_read_key(key_file), _read_certificates(cert_file))

    @classmethod
    def _with(
        cls, key: ec.EllipticCurvePrivateKey, certificates: Sequence[x509.Certificate]
    ) -> CertificateAuthority:
        """Choose the certificate that belongs to the key; the others are trusted beside it."""
        own = [each for each in certificates if each.public_key() == key.public_key()]
        others = [each for each in certificates if each not in own]
        return cls((own or others)[0], key, others)

    @property
    def fingerprint(self) -> str:
        """Return the certificate's SHA-256 as openssl prints it, to compare at both ends."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def derived_key(self, purpose: str) -> bytes:
        """Return 32 bytes that only who holds the authority's key can know; others by purpose."""
        secret = self._key.private_numbers().private_value.to_bytes(32, "big")
        derivation = HKDF(hashes.SHA256(), length=32, salt=None, info=purpose.encode())
        return derivation.derive(secret)

    def issue(self, public_key: ec.EllipticCurvePublicKey, lifetime: timedelta) -> x509.Certificate:
        """Certify a leaf for `lifetime` from now, at most for as long as the authority lives."""
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_name(f"Portus token signer {now:%Y%m%d%H%M%S}"))
            .issuer_name(self.certificate.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATED)
            .not_valid_after(min(now + lifetime, self.certificate.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )


def is_authority(certificate: x509.Certificate) -> bool:
    """Tell whether `certificate` may vouch for others."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _create(file: Path, content: bytes, mode: int) -> None:
    """Put `content` in `file` unless another process has just done so; never half of it.

    A hard link appears at once and fails when the name is taken, on every local file system.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()


def _read_key(file: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise UnusableKey(f"The key {file} cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise UnusableKey(f"The key {file} is not an elliptic curve key")
    return key


def _read_certificates(file: Path) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise UnusableKey(f"The certificate {file} cannot be read: {error}") from error


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(_name("Portus token authority"))
        .issuer_name(_name("Portus token authority"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
