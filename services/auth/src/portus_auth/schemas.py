"""The shapes of auth's REST API: what it reads and what it answers (the original's v1)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from portus_auth.domain.roles import Role, Visibility

_ID = validate.Range(min=1, max=2**31 - 1)


class Text(fields.String):
    """A string that any database can hold: no NUL, no half of a surrogate pair."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if "\x00" in text or (not text.isascii() and _is_broken(text)):
            raise ValidationError("contains characters that cannot be stored")
        return text


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


class ApplicationTokenSchema(Schema):
    """An application token, without its secret."""

    id = fields.Integer()
    application = fields.String()
    prefix = fields.String()
    created_at = fields.AwareDateTime()


class NewApplicationTokenSchema(Schema):
    """What a new application token is for."""

    application = Text(required=True)


class GivenTokenSchema(Schema):
    """A new application token; `plain_token` is shown this once."""

    id = fields.Integer()
    application = fields.String()
    plain_token = fields.String()


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


class TeamSchema(Schema):
    """A team; `role` is the caller's."""

    id = fields.Integer(attribute="team.id")
    name = fields.String(attribute="team.name")
    created_at = fields.AwareDateTime(attribute="team.created_at")
    updated_at = fields.AwareDateTime(attribute="team.updated_at")
    description = fields.String(attribute="team.description")
    hidden = fields.Boolean(attribute="team.hidden")
    role = fields.Enum(Role, by_value=True, allow_none=True)


class NewTeamSchema(Schema):
    """A team to be made; only admins may name another owner."""

    name = Text(required=True)
    description = Text(load_default="")
    owner_id = fields.Integer(load_default=None, allow_none=True, validate=_ID)


class TeamChangeSchema(Schema):
    """What is to be different about a team."""

    name = Text(load_default=None)
    description = Text(load_default=None)


class MemberSchema(Schema):
    """Somebody in a team."""

    id = fields.Integer()
    team_id = fields.Integer()
    user_id = fields.Integer()
    username = fields.String(attribute="user.username")
    display_name = fields.String(attribute="user.display_name", allow_none=True)
    enabled = fields.Boolean(attribute="user.enabled")
    role = fields.Enum(Role, by_value=True)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class RoleSchema(Schema):
    """A role in a team."""

    role = fields.Enum(Role, by_value=True, required=True)


class NewMemberSchema(RoleSchema):
    """Somebody to be taken into a team, by user name."""

    user = Text(required=True)


class NamespaceTeamSchema(Schema):
    """The team that owns a namespace."""

    id = fields.Integer()
    name = fields.String()
    hidden = fields.Boolean()


class NamespaceSchema(Schema):
    """A namespace; `role` and `actions` (pull, push, delete) are the caller's."""

    id = fields.Integer(attribute="namespace.id")
    name = fields.String(attribute="namespace.name")
    created_at = fields.AwareDateTime(attribute="namespace.created_at")
    updated_at = fields.AwareDateTime(attribute="namespace.updated_at")
    description = fields.String(attribute="namespace.description")
    team = fields.Nested(NamespaceTeamSchema, attribute="namespace.team")
    visibility = fields.Enum(Visibility, by_value=True, attribute="namespace.visibility")
    is_global = fields.Boolean(attribute="namespace.is_global", data_key="global")
    personal = fields.Boolean()
    role = fields.Enum(Role, by_value=True, allow_none=True)
    actions = fields.List(fields.String())


class NewNamespaceSchema(Schema):
    """A namespace to be made in a team, given by the team's name; it begins private."""

    name = Text(required=True)
    team = Text(required=True)
    description = Text(load_default="")


class NamespaceChangeSchema(Schema):
    """What is to be different about a namespace; `team` is a team's name."""

    name = Text(load_default=None)
    description = Text(load_default=None)
    team = Text(load_default=None)
    visibility = Text(
        load_default=None,
        validate=validate.OneOf(list(Visibility), error="unknown visibility kind '{input}'"),
    )


class ValidationSchema(Schema):
    """Whether a name would do, and why not."""

    valid = fields.Boolean()
    messages = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class RegistrySchema(Schema):
    """The registry; `hostname` is what people type."""

    id = fields.Integer()
    name = fields.String()
    hostname = fields.String(attribute="external_host")
    url = fields.String()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class CredentialSchema(Schema):
    """One credential to be exchanged for an API token."""

    portus_auth = Text()
    authorization = Text()
    sign_in = Text()
    anonymous = fields.Boolean()


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


def _is_broken(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
