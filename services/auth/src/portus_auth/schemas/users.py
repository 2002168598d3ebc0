"""Accounts and what lets people in."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from portus_auth.schemas.text import Text


class UserSchema(Schema):
    """An account."""

    id = fields.Integer()
    username = fields.String()
    email = fields.String(allow_none=True)
    current_sign_in_at = fields.AwareDateTime(allow_none=True)
    last_sign_in_at = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    admin = fields.Boolean()
    enabled = fields.Boolean()
    locked_at = fields.Constant(None)
    namespace_id = fields.Integer(allow_none=True)
    display_name = fields.String(allow_none=True)
    bot = fields.Boolean()


class NewUserSchema(Schema):
    """An account to be made; `admin` is not among its fields, whoever sends it."""

    username = Text(required=True)
    email = Text(required=True)
    password = Text(load_default=None, allow_none=True, load_only=True)
    display_name = Text(load_default=None, allow_none=True)
    bot = fields.Boolean(load_default=False)

    @validates_schema(skip_on_field_errors=False)
    def _names_password_too(self, data: dict[str, Any], **_: Any) -> None:
        """Name a password that is missing with the fields that are; only bots have none."""
        is_whole = "username" in data and "email" in data
        if not is_whole and not data.get("bot") and not data.get("password"):
            raise ValidationError("can't be blank", "password")


class BootstrapSchema(Schema):
    """The first admin, with the set-up code that auth printed at its start."""

    username = Text(required=True)
    email = Text(required=True)
    password = Text(required=True, load_only=True)
    display_name = Text(load_default=None, allow_none=True)
    setup_code = Text(load_default="")


class UserChangeSchema(Schema):
    """What is to be different about an account."""

    username = Text(load_default=None)
    email = Text(load_default=None)
    password = Text(load_default=None, load_only=True)
    display_name = Text(load_default=None)
    admin = fields.Boolean(load_default=None)
    enabled = fields.Boolean(load_default=None)


class DockerLoginSchema(Schema):
    """A docker client that stays signed in, by a password or an application's token."""

    id = fields.Integer()
    client = fields.String()
    address = fields.String()
    registry = fields.String()
    application = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    last_used_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()


class PasswordSchema(Schema):
    """A new password; for one's own account with the present one."""

    password = Text(required=True, load_only=True)
    current_password = Text(load_default=None, allow_none=True, load_only=True)


class EmailSchema(Schema):
    """A new address; for one's own account with the present password."""

    email = Text(required=True)
    current_password = Text(load_default=None, allow_none=True, load_only=True)


class EnabledSchema(Schema):
    """Whether an account may be used; to disable one's own takes the present password."""

    enabled = fields.Boolean(required=True)
    current_password = Text(load_default=None, allow_none=True, load_only=True)


class ResetSchema(Schema):
    """What lets somebody set their password once."""

    token = fields.String()
    expires_at = fields.AwareDateTime()


class UsedResetSchema(Schema):
    """A new password, and the token that an admin gave for it."""

    token = Text(required=True, load_only=True)
    password = Text(required=True, load_only=True)


class SignInSchema(Schema):
    """A browser that somebody is signed in with."""

    id = fields.Integer()
    username = fields.String(attribute="user.username")
    address = fields.String()
    user_agent = fields.String()
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
