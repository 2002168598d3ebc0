"""The shapes of ui's own answers to programs."""

from __future__ import annotations

from marshmallow import Schema, fields


class PingSchema(Schema):
    """A sign of life."""

    pong = fields.Boolean()


class ConditionSchema(Schema):
    """One service's condition."""

    msg = fields.String()
    success = fields.Boolean()


class HealthSchema(Schema):
    """Every service's condition; the status is 503 unless all are ready."""

    auth = fields.Nested(ConditionSchema())
    catalog = fields.Nested(ConditionSchema())
    sync = fields.Nested(ConditionSchema())
    ui = fields.Nested(ConditionSchema())


class VersionSchema(Schema):
    """Which API versions there are, and which release this is."""

    api_versions = fields.List(fields.String(), data_key="api-versions")
    version = fields.String()
