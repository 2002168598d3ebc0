import base64
import json
import stat
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings, strategies as st

from portus_shared.keys import (
    CertificateAuthority,
    InvalidToken,
    Signer,
    UnusableKey,
    Verifier,
)


def _authority(folder: Path) -> CertificateAuthority:
    return CertificateAuthority.load_or_create(folder / "ca.pem", folder / "ca.key")


def _pem_in(folder: str) -> bytes:
    return _authority(Path(folder)).pem


def _claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": "auth", "sub": "alice", "aud": "here", "exp": now + 60, "nbf": now - 30} | other


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return _authority(tmp_path_factory.mktemp("ca"))


def test_authority_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first = _authority(tmp_path / "keys")
    again = _authority(tmp_path / "keys")
    assert first.pem == again.pem
    assert stat.S_IMODE((tmp_path / "keys" / "ca.key").stat().st_mode) == 0o600
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == ["ca.key", "ca.pem"]


def test_processes_that_race_end_up_with_one_authority(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        pems = set(pool.map(_pem_in, [str(tmp_path)] * 8))
    assert len(pems) == 1


def test_certificate_is_made_again_for_a_key_left_alone_by_a_crash(tmp_path: Path) -> None:
    _authority(tmp_path)
    (tmp_path / "ca.pem").unlink()
    pem = _authority(tmp_path).pem
    assert _authority(tmp_path).pem == pem


def test_certificate_without_its_key_is_never_replaced(tmp_path: Path) -> None:
    _authority(tmp_path)
    (tmp_path / "ca.key").unlink()
    with pytest.raises(UnusableKey):
        _authority(tmp_path)


def test_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    _authority(tmp_path / "a")
    _authority(tmp_path / "b")
    with pytest.raises(UnusableKey):
        CertificateAuthority.load_or_create(tmp_path / "a" / "ca.pem", tmp_path / "b" / "ca.key")


def test_unreadable_key_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "ca.key").write_text("no key")
    with pytest.raises(UnusableKey, match=r"ca\.key"):
        _authority(tmp_path)


def test_signed_token_is_read_by_pyjwt_with_the_leaf_of_its_header(
    ca: CertificateAuthority,
) -> None:
    token = Signer(ca).sign(_claims())
    header = jwt.get_unverified_header(token)
    assert set(header) == {"alg", "typ", "x5c"}
    assert header["alg"] == "ES256"
    leaf = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0], validate=True))
    leaf.verify_directly_issued_by(ca.certificate)
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert jwt.decode(token, key, algorithms=["ES256"], audience="here")["sub"] == "alice"


def test_leaf_is_valid_an_hour_ago_and_no_longer_than_its_authority(
    ca: CertificateAuthority,
) -> None:
    leaf = ca.issue(ec.generate_private_key(ec.SECP256R1()).public_key(), timedelta(days=10_000))
    assert leaf.not_valid_before_utc.timestamp() <= time.time() - 3590
    assert leaf.not_valid_after_utc == ca.certificate.not_valid_after_utc


def test_verifier_returns_the_claims(ca: CertificateAuthority) -> None:
    claims = _claims(access=[])
    token = Signer(ca).sign(claims)
    assert Verifier(ca.pem).verify(token, audience="here", issuer="auth") == claims


def test_leaf_is_renewed_when_half_of_its_life_is_over(ca: CertificateAuthority) -> None:
    long_lived, short_lived = Signer(ca), Signer(ca, leaf_lifetime=timedelta(0))

    def header(signer: Signer) -> str:
        return signer.sign(_claims()).partition(".")[0]

    assert header(long_lived) == header(long_lived)
    assert header(short_lived) != header(short_lived)


def test_public_keys_are_the_present_leafs_and_the_one_before(ca: CertificateAuthority) -> None:
    signer = Signer(ca, leaf_lifetime=timedelta(0))
    signer.sign(_claims())
    shown = [key["x5c"] for key in signer.public_keys()]
    assert len(shown) == 2
    assert jwt.get_unverified_header(signer.sign(_claims()))["x5c"] not in shown
    former, present = signer.public_keys()[1], signer.public_keys()[0]
    assert former["kid"] != present["kid"]
    steady = Signer(ca)
    token = steady.sign(_claims())
    (key,) = steady.public_keys()
    assert jwt.get_unverified_header(token)["x5c"] == key["x5c"]


def test_two_signers_under_one_authority_are_both_trusted(ca: CertificateAuthority) -> None:
    verifier = Verifier(ca.pem)
    for signer in (Signer(ca), Signer(ca)):
        assert verifier.verify(signer.sign(_claims()), audience="here")["sub"] == "alice"


def test_bundle_of_two_authorities_trusts_both(ca: CertificateAuthority, tmp_path: Path) -> None:
    other = _authority(tmp_path)
    verifier = Verifier(ca.pem + other.pem)
    for authority in (ca, other):
        verifier.verify(Signer(authority).sign(_claims()), audience="here")


def test_file_of_two_certificates_is_read_by_the_key_that_is_there(tmp_path: Path) -> None:
    """In any order: auth changes to the next key while both are trusted."""
    old, new = _authority(tmp_path / "old"), _authority(tmp_path / "new")
    for bundle in (old.pem + new.pem, new.pem + old.pem):
        for folder, authority in ((tmp_path / "old", old), (tmp_path / "new", new)):
            (folder / "ca.pem").write_bytes(bundle)
            again = _authority(folder)
            assert again.pem == authority.pem
            for each in (old, new):
                token = Signer(each).sign(_claims())
                assert Verifier(again.bundle).verify(token, audience="here")["sub"] == "alice"


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "there"},
        {"aud": ["here"]},
        {"iss": "someone"},
        {"exp": int(time.time()) - 11},
        {"exp": None},
        {"exp": time.time() + 60.5},
        {"exp": True},
        {"nbf": int(time.time()) + 3600},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_claims_are_refused(ca: CertificateAuthority, wrong: dict[str, Any]) -> None:
    token = Signer(ca).sign(_claims(**wrong))
    with pytest.raises(InvalidToken):
        Verifier(ca.pem).verify(token, audience="here", issuer="auth")


def test_token_just_expired_is_within_the_leeway(ca: CertificateAuthority) -> None:
    token = Signer(ca).sign(_claims(exp=int(time.time()) - 2))
    assert Verifier(ca.pem).verify(token, audience="here")


def test_token_of_another_authority_is_refused(ca: CertificateAuthority, tmp_path: Path) -> None:
    token = Signer(_authority(tmp_path)).sign(_claims())
    with pytest.raises(InvalidToken):
        Verifier(ca.pem).verify(token, audience="here")


def test_token_of_an_expired_leaf_is_refused(ca: CertificateAuthority) -> None:
    token = Signer(ca, leaf_lifetime=timedelta(minutes=-5)).sign(_claims())
    with pytest.raises(InvalidToken, match="certificate"):
        Verifier(ca.pem).verify(token, audience="here")


def test_changed_claims_are_refused(ca: CertificateAuthority) -> None:
    header, _, signature = Signer(ca).sign(_claims()).split(".")
    forged = base64.urlsafe_b64encode(json.dumps(_claims(sub="admin")).encode()).decode()
    with pytest.raises(InvalidToken):
        Verifier(ca.pem).verify(f"{header}.{forged.rstrip('=')}.{signature}", audience="here")


def _self_made(headers: dict[str, Any], algorithm: str, key: Any) -> str:
    return jwt.encode(_claims(), key, algorithm=algorithm, headers=headers)


def test_other_algorithms_and_headers_are_refused(ca: CertificateAuthority) -> None:
    leaf = json.loads(base64.urlsafe_b64decode(Signer(ca).sign({}).split(".")[0] + "=="))["x5c"]
    own = base64.b64encode(ca.certificate.public_bytes(serialization.Encoding.DER)).decode()
    stranger = ec.generate_private_key(ec.SECP256R1())
    forged = [
        _self_made({"x5c": leaf}, "none", None),
        _self_made({"x5c": leaf}, "HS256", ca.pem.hex()),
        _self_made({"x5c": leaf}, "ES256", stranger),
        _self_made({"x5c": [own]}, "ES256", stranger),
        _self_made({"x5c": leaf * 2}, "ES256", stranger),
        _self_made({"x5c": [7]}, "ES256", stranger),
        _self_made({"x5c": ["AAAA"]}, "ES256", stranger),
        _self_made({"kid": "x"}, "ES256", stranger),
    ]
    for token in forged:
        with pytest.raises(InvalidToken):
            Verifier(ca.pem).verify(token, audience="here")


@settings(max_examples=200)
@given(st.text() | st.lists(st.text(max_size=40), min_size=3, max_size=3).map(".".join))
def test_nothing_but_a_token_is_a_token(text: str) -> None:
    with pytest.raises(InvalidToken):
        _VERIFIER.verify(text, audience="here")


def _throw_away_verifier() -> Verifier:
    with tempfile.TemporaryDirectory() as folder:
        return Verifier(_authority(Path(folder)).pem)


_VERIFIER = _throw_away_verifier()
