"""Who may look at sync's insides: admins."""

from flask import request

from portus_shared.errors import Denied
from portus_shared.web.principals import Principal, PrincipalResolver


def admin(principals: PrincipalResolver) -> Principal:
    """Return the caller; raises `Unauthenticated` without credentials, `Denied` for non-admins."""
    principal = principals.required(request)
    if not principal.admin:
        raise Denied
    return principal
