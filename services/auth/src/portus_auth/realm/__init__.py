"""The token realm that registries send their clients to: ``/v2/token``.

A thin WSGI callable in front of the REST application, because every ``docker`` command asks here
several times: parse, authenticate, authorize, sign, all from memory. It sets no cookies, creates
nothing and answers, errors included, in the registry's JSON (`answers`).
"""

from portus_auth.realm.handler import build
from portus_auth.realm.sign import RealmSettings

__all__ = ["RealmSettings", "build"]
