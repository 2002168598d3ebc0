"""Registries, in the original's words."""

from __future__ import annotations

from marshmallow import Schema, fields

from portus_auth.schemas.text import Text


class RegistrySchema(Schema):
    """The registry: services reach it at `hostname`, people type `external_hostname`."""

    id = fields.Integer()
    name = fields.String()
    hostname = fields.String()
    external_hostname = fields.String(attribute="external_host")
    use_ssl = fields.Boolean()
    url = fields.String()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class NewRegistrySchema(Schema):
    """A registry to be made."""

    name = Text(required=True)
    hostname = Text(required=True)
    use_ssl = fields.Boolean(required=True)
    external_hostname = Text(load_default=None, allow_none=True)


class RegistryChangeSchema(Schema):
    """What is to be different about a registry."""

    name = Text(load_default=None)
    hostname = Text(load_default=None)
    use_ssl = fields.Boolean(load_default=None)
    external_hostname = Text(load_default=None)
