"""Robots."""

from __future__ import annotations

from marshmallow import Schema, fields

from portus_auth.schemas.scopes import Scopes
from portus_auth.schemas.text import Moment, Text


class RobotNamespaceSchema(Schema):
    """The namespace that a robot belongs to."""

    id = fields.Integer()
    name = fields.String()


class RobotSchema(Schema):
    """A robot; `name` is what it signs in as, and without `namespace` it is global.

    `permissions` are written as the scopes of tokens are. `tokens_count` is how many of its tokens
    can be used; the last use is known to a few minutes.
    """

    id = fields.Integer(attribute="robot.id")
    name = fields.String(attribute="robot.user.username")
    namespace = fields.Nested(RobotNamespaceSchema, attribute="robot.namespace", allow_none=True)
    description = fields.String(attribute="robot.description")
    permissions = Scopes(attribute="robot.permissions")
    enabled = fields.Boolean(attribute="robot.user.enabled")
    tokens_count = fields.Integer(attribute="keys.count")
    created_by = fields.String(attribute="robot.created_by", allow_none=True)
    created_at = fields.AwareDateTime(attribute="robot.created_at")
    updated_at = fields.AwareDateTime(attribute="robot.updated_at")
    last_used_at = fields.AwareDateTime(attribute="keys.last_used_at", allow_none=True)


class GivenRobotSchema(RobotSchema):
    """A new robot with its first token, which is shown this once."""

    plain_token = fields.String()


class NewRobotSchema(Schema):
    """A robot to be made, in a namespace given by name, or without one a global robot.

    `application`, `scopes` and `expires_at` are those of its first token.
    """

    name = Text(required=True)
    namespace = Text(load_default=None, allow_none=True)
    description = Text(load_default="")
    permissions = Scopes(required=True)
    application = Text(load_default="first")
    scopes = Scopes(load_default=None, allow_none=True)
    expires_at = Moment(load_default=None, allow_none=True)


class RobotChangeSchema(Schema):
    """What is to be different about a robot."""

    description = Text(load_default=None)
    permissions = Scopes(load_default=None)
    enabled = fields.Boolean(load_default=None)
