"""Answers to who may do what, and why."""

from __future__ import annotations

from marshmallow import Schema, fields


class HolderSchema(Schema):
    """Who may: `kind` is anonymous, user or robot; the name `*` is every signed-in user."""

    kind = fields.String()
    name = fields.String()
    because = fields.List(fields.String())


class ReachedSchema(Schema):
    """A namespace, and what somebody may do there."""

    namespace = fields.String()
    actions = fields.List(fields.String())
    because = fields.List(fields.String())


class AccessSchema(Schema):
    """The verdict, who may, or what is reached: whichever was asked; the others are null."""

    allowed = fields.Boolean(allow_none=True)
    because = fields.List(fields.String(), allow_none=True)
    needed = fields.List(fields.String(), allow_none=True)
    who = fields.List(fields.Nested(HolderSchema), allow_none=True)
    reach = fields.List(fields.Nested(ReachedSchema), allow_none=True)
