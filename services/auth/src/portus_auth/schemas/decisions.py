"""What the token realm decided, and why."""

from __future__ import annotations

from marshmallow import Schema, fields, post_dump


class DecisionSchema(Schema):
    """One decision, made `count` times within an hour, last at `last_at`.

    `user` is null for the anonymous. `repository` is null for the catalogue of all repositories,
    and where none was named; `registry` is empty where somebody signed in to Portus. `outcome` is
    granted, partial, denied, or failed where the name could not be proven; `because` says why,
    `needed` lists what would each give the rest.
    """

    id = fields.Integer()
    first_at = fields.AwareDateTime()
    last_at = fields.AwareDateTime()
    count = fields.Integer()
    outcome = fields.String()
    registry = fields.String(attribute="registry_host")
    user = fields.String(attribute="username", allow_none=True)
    address = fields.String()
    client = fields.String()
    repository = fields.String(allow_none=True)
    asked = fields.List(fields.String())
    granted = fields.List(fields.String())
    because = fields.List(fields.String())
    needed = fields.List(fields.String())

    @post_dump
    def _without_empty_names(self, data: dict[str, object], **_: object) -> dict[str, object]:
        return {**data, "user": data["user"] or None, "repository": data["repository"] or None}


class DecisionPageSchema(Schema):
    """A page of decisions, the latest first; `next` is the cursor of what follows."""

    items = fields.List(fields.Nested(DecisionSchema))
    next = fields.String(allow_none=True)
