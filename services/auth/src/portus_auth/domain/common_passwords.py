"""Passwords that are tried first by whoever guesses, and so are refused."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
password passw0rd password1 password12 password123 password1234 password12345 p@ssw0rd p@ssword
pa55word passwort passwort1 motdepasse contraseña contrasena 12345678 123456789 1234567890
0123456789 12341234 123123123 11223344 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 qazwsxedc qwertyui
qwertyuiop qwerty123 qwerty1234 qwerty12345 qwertz123 qwertzui azertyui azertyuiop asdfghjk
asdfghjkl asdf1234 zxcvbnm1 zaq12wsx q1w2e3r4 q1w2e3r4t5 abc12345 abcd1234 abcd12345 abcdefgh
abcdefghi a1b2c3d4 aa123456 aaa12345 iloveyou iloveyou1 princess princess1 sunshine sunshine1
football football1 baseball baseball1 superman superman1 batman123 starwars starwars1 trustno1
whatever whatever1 dragon123 monkey123 shadow123 master123 michael1 jennifer jordan23 computer
computer1 internet internet1 samsung1 charlie1 michelle danielle corvette mercedes liverpool
liverpool1 chelsea1 arsenal1 barcelona welcome1 welcome123 welcome1234 letmein1 letmein123
changeme changeme1 changeme123 changeit default1 secret123 secret1234 topsecret admin123 admin1234
admin12345 adminadmin administrator root1234 rootroot toor1234 test1234 test12345 testtest
testing123 guest123 guest1234 user1234 login123 qwer1234 asdfasdf zxcvbnm123 1234qwer 123456ab
123456abc 123456aa 12345678a 123456789a a12345678 a123456789 q12345678 qwe12345 google123 facebook
linkedin microsoft windows10 ubuntu123 docker123 dockerdocker registry registry1 portus1234
portus123 portusportus kubernetes container opensuse susesuse suse1234 linux123 linuxlinux
summer2023 summer2024 summer2025 winter2023 winter2024 winter2025 spring2024 spring2025 autumn2024
january1 monday123 october1 november december september
"""
_COMMON: Final = frozenset(_WORDS.split())
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl")


def is_common(password: str) -> bool:
    """Tell whether a password is a usual one, one letter repeated, or a row of the keyboard."""
    plain = password.casefold()
    return (
        plain in _COMMON
        or len(set(plain)) <= 1
        or any(plain in row or plain in row[::-1] for row in _ROWS)
    )
