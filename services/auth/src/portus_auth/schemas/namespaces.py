"""Namespaces."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from portus_auth.domain.leftovers import Leftovers
from portus_auth.domain.roles import Role, Visibility
from portus_auth.schemas.text import Text


class NamespaceTeamSchema(Schema):
    """The team that owns a namespace."""

    id = fields.Integer()
    name = fields.String()
    hidden = fields.Boolean()


class NamespaceSchema(Schema):
    """A namespace; `role` and `actions` (pull, push, delete) are the caller's.

    The global one's `name` is `_`, its `clean_name` the registry's host, as the original shows it.
    `leftovers` says of a deleted one what becomes of its images: kept, deleting or gone; until
    `name_rests_until` only the team that had it may take its name again.
    """

    id = fields.Integer(attribute="namespace.id")
    name = fields.String(attribute="namespace.name")
    clean_name = fields.String(attribute="namespace.clean_name")
    created_at = fields.AwareDateTime(attribute="namespace.created_at")
    updated_at = fields.AwareDateTime(attribute="namespace.updated_at")
    description = fields.String(attribute="namespace.description")
    team = fields.Nested(NamespaceTeamSchema, attribute="namespace.team")
    visibility = fields.Enum(Visibility, by_value=True, attribute="namespace.visibility")
    is_global = fields.Boolean(attribute="namespace.is_global", data_key="global")
    personal = fields.Boolean()
    role = fields.Enum(Role, by_value=True, allow_none=True)
    actions = fields.List(fields.String())
    leftovers = fields.Enum(Leftovers, by_value=True, allow_none=True)
    name_rests_until = fields.AwareDateTime(attribute="namespace.name_rests_until", allow_none=True)


class NewNamespaceSchema(Schema):
    """A namespace to be made in a team, given by the team's name; it begins private.

    With `adopt` an admin brings back a deleted one, whose name is held.
    """

    name = Text(required=True)
    team = Text(required=True)
    description = Text(load_default="")
    adopt = fields.Boolean(load_default=False)


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
