"""Application tokens."""

from __future__ import annotations

from marshmallow import Schema, fields

from portus_auth.schemas.scopes import Scopes
from portus_auth.schemas.text import Moment, Text


class ApplicationTokenSchema(Schema):
    """An application token, without its secret; without `scopes` it has all its owner's rights.

    The last use is known to a few minutes.
    """

    id = fields.Integer()
    application = fields.String()
    prefix = fields.String()
    scopes = Scopes(allow_none=True)
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime(allow_none=True)
    expired = fields.Boolean()
    last_used_at = fields.AwareDateTime(allow_none=True)
    last_used_address = fields.String(allow_none=True)


class NewApplicationTokenSchema(Schema):
    """What a new application token is for, what it is limited to, and when it ends."""

    application = Text(required=True)
    scopes = Scopes(load_default=None, allow_none=True)
    expires_at = Moment(load_default=None, allow_none=True)


class GivenTokenSchema(Schema):
    """A new application token; `plain_token` is shown this once."""

    id = fields.Integer()
    application = fields.String()
    plain_token = fields.String()


class TokenChangeSchema(Schema):
    """What is to be different about a token: what is left out stays.

    `scopes` can only take away from what it may do. Without an end (null) it lasts until it is
    deleted; no token can be made to outlive the one that is used for it.
    """

    application = Text()
    scopes = Scopes(allow_none=True)
    expires_at = Moment(allow_none=True)
