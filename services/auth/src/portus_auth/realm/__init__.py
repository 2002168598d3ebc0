"""The token realm that registries send their clients to: ``/v2/token``.

A thin WSGI callable in front of the REST application, because every ``docker`` command asks here
several times: parse, authenticate, authorize, sign, all from memory. It sets no cookies, creates
nothing but the logins that clients ask for (`logins`), and answers, errors included, in the
registry's JSON (`answers`).
"""

from portus_auth.realm.handler import build
from portus_auth.realm.logins import Logins
from portus_auth.realm.sign import RealmSettings

__all__ = ["Logins", "RealmSettings", "build"]
