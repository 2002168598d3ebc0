"""What the other services send."""

from __future__ import annotations

from marshmallow import Schema, fields

from portus_auth.schemas.text import Text


class CredentialSchema(Schema):
    """One credential to be exchanged for an API token; `address` is where it was shown."""

    portus_auth = Text()
    authorization = Text()
    sign_in = Text()
    anonymous = fields.Boolean()
    address = Text(load_default="")


class NewSignInSchema(Schema):
    """Somebody at a browser with their password."""

    login = Text(required=True)
    password = Text(required=True, load_only=True)
    address = Text(load_default="")
    user_agent = Text(load_default="")
    remember = fields.Boolean(load_default=False)


class HandleSchema(Schema):
    """A sign-in's handle."""

    handle = Text(required=True)


class SignUpSchema(Schema):
    """Somebody who makes an account; `admin` is not among its fields, whoever sends it."""

    username = Text(required=True)
    email = Text(required=True)
    password = Text(required=True, load_only=True)
    display_name = Text(load_default=None, allow_none=True)
    address = Text(load_default="")


class ForgottenSchema(Schema):
    """Somebody who has forgotten their password, by user name or e-mail address."""

    login = Text(required=True)
    address = Text(load_default="")
