"""The shapes of sync's REST answers."""

from marshmallow import Schema, fields


class ScanFailureSchema(Schema):
    """A repository that a scan could not read."""

    repository = fields.String()
    reason = fields.String()


class ScanSchema(Schema):
    """A scan with its progress; `held` is how many removals it led to that an admin decides."""

    id = fields.String()
    registry = fields.String(attribute="registry_name")
    cause = fields.String()
    asked_by = fields.String()
    state = fields.String()
    requested_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    attempts = fields.Integer()
    repositories = fields.Integer(allow_none=True)
    repositories_done = fields.Integer()
    tags = fields.Integer()
    reason = fields.String(allow_none=True)
    failures = fields.List(fields.Nested(ScanFailureSchema), dump_only=True)
    held = fields.Integer(dump_only=True)


class QuarantinedSchema(Schema):
    """Something received that could not be read."""

    id = fields.Integer()
    reason = fields.String()
    raw = fields.String()
    times = fields.Integer()
    received_at = fields.AwareDateTime()
    last_received_at = fields.AwareDateTime()


class QuarantinePageSchema(Schema):
    """One page of the quarantine; `next` is the cursor of the following one."""

    items = fields.List(fields.Nested(QuarantinedSchema))
    next = fields.String(allow_none=True)


class DeletionSchema(Schema):
    """Something to be deleted from a registry: a manifest, or with `tag` one tag of it."""

    id = fields.String()
    registry = fields.String(attribute="registry_name")
    repository = fields.String()
    digest = fields.String()
    tag = fields.String(allow_none=True)
    requested_by = fields.String()
    requested_at = fields.AwareDateTime()
    status = fields.String(attribute="state")
    attempts = fields.Integer()
    reason = fields.String(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class DeletionPageSchema(Schema):
    """One page of deletions, newest first; `next` is the cursor of the following one."""

    items = fields.List(fields.Nested(DeletionSchema))
    next = fields.String(allow_none=True)


class AbilitySchema(Schema):
    """What a registry was found to be able to do: `deletes_tags`, leaving their images."""

    registry = fields.String(attribute="registry_name")
    deletes_tags = fields.Boolean()
    found_at = fields.AwareDateTime()


class DriftSchema(Schema):
    """A tag that a scan found otherwise: `cause` is likely, `done` is what became of it.

    `held_by` is the scan whose removals are to be approved, where this is one that waits for that.
    """

    id = fields.Integer()
    scan_id = fields.String()
    registry = fields.String(attribute="registry_name")
    repository = fields.String()
    tag = fields.String()
    kind = fields.String()
    known_digest = fields.String(allow_none=True)
    found_digest = fields.String(allow_none=True)
    found_at = fields.AwareDateTime()
    cause = fields.String()
    done = fields.String()
    held_by = fields.String(allow_none=True)


class DriftPageSchema(Schema):
    """One page of differences, newest first; `next` is the cursor of the following one."""

    items = fields.List(fields.Nested(DriftSchema))
    next = fields.String(allow_none=True)


class ApprovalSchema(Schema):
    """How many removals go ahead now."""

    approved = fields.Integer()
