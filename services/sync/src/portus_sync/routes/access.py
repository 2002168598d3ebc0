"""Who may look at sync's insides: admins; and people at what they asked for."""

from flask import request

from portus_shared.errors import Denied
from portus_shared.web.principals import Principal, PrincipalResolver


def admin(principals: PrincipalResolver) -> Principal:
    """Return the caller; raises `Unauthenticated` without credentials, `Denied` for non-admins."""
    principal = principals.required(request)
    if not principal.admin:
        raise Denied
    return principal


def person(principals: PrincipalResolver) -> Principal:
    """Return the caller; raises `Unauthenticated` without credentials, `Denied` without a name.

    `Denied` also for a token with scopes: it is for repositories, not for looking around.
    """
    principal = principals.required(request)
    if not principal.name:
        raise Denied
    if principal.scopes is not None:
        raise Denied("This token is limited by scopes; use one without")
    return principal
