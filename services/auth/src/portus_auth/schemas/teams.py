"""Teams and who is in them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from portus_auth.domain.roles import Role
from portus_auth.schemas.text import Text

_ID = validate.Range(min=1, max=2**31 - 1)


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
