"""The shapes of the REST answers: what the OpenAPI document is made of."""

from __future__ import annotations

from marshmallow import Schema, fields


class NamedSchema(Schema):
    """Something by id and name; the id is empty where it is not known here."""

    id = fields.Integer(allow_none=True)
    name = fields.String()


class LastPushSchema(Schema):
    """The newest push into a repository."""

    at = fields.AwareDateTime()
    by = fields.String(allow_none=True)
    tag = fields.String(allow_none=True)
    digest = fields.String()


class RepositorySchema(Schema):
    """A repository: the original's fields, then size, images, pulls and the caller's rights."""

    id = fields.Integer(attribute="row.id")
    name = fields.String(attribute="row.path")
    full_name = fields.String(attribute="row.full_name")
    created_at = fields.AwareDateTime(attribute="row.created_at")
    updated_at = fields.AwareDateTime(attribute="row.updated_at")
    description = fields.String(attribute="row.description", allow_none=True)
    namespace = fields.Nested(NamedSchema)
    registry = fields.String(attribute="row.registry_name")
    registry_hostname = fields.String(attribute="external_host", allow_none=True)
    stars = fields.Integer()
    tags_count = fields.Integer(attribute="row.tags_count")
    starred = fields.Boolean()
    destroyable = fields.Boolean()
    deleting = fields.Boolean()
    size_bytes = fields.Integer(attribute="row.size_bytes")
    images_count = fields.Integer(attribute="row.images_count")
    untagged_count = fields.Integer(attribute="row.untagged_count")
    pulls_count = fields.Integer(attribute="row.pulls_count")
    last_pulled_at = fields.AwareDateTime(attribute="row.last_pulled_at", allow_none=True)
    last_push = fields.Nested(LastPushSchema, allow_none=True)
    actions = fields.List(fields.String())


class TagSchema(Schema):
    """A tag as the original has it; sizes in bytes, `scanned` 0 as nothing scans."""

    id = fields.Integer(attribute="row.id")
    name = fields.String(attribute="row.name")
    author = fields.Nested(NamedSchema, allow_none=True)
    digest = fields.String(attribute="row.digest")
    image_id = fields.String(allow_none=True)
    created_at = fields.AwareDateTime(attribute="row.created_at")
    updated_at = fields.AwareDateTime(attribute="row.updated_at")
    size = fields.Integer(allow_none=True)
    scanned = fields.Integer()
    vulnerabilities = fields.Raw(allow_none=True)
    pulled_at = fields.AwareDateTime(attribute="row.last_pulled_at", allow_none=True)
    pulls_count = fields.Integer(attribute="row.pulls_count")
    deleting = fields.Boolean()


class OneTagSchema(TagSchema):
    """A tag with its siblings: the other tags of its image, which are deleted with it."""

    siblings = fields.List(fields.String())


class PlatformSchema(Schema):
    """One platform of an image; `layers` is how many."""

    os = fields.String(allow_none=True)
    architecture = fields.String(allow_none=True)
    variant = fields.String(allow_none=True)
    digest = fields.String()
    size_bytes = fields.Integer(allow_none=True)
    layers = fields.Integer(allow_none=True)


class ImageTagSchema(Schema):
    """A tag of an image."""

    id = fields.Integer()
    name = fields.String()
    pushed_at = fields.AwareDateTime(allow_none=True)
    pushed_by = fields.String(allow_none=True)


class AttachmentSchema(Schema):
    """A manifest that belongs to the one whose digest is `to`.

    `through` says how: by its `subject`, by a `tag` made of that digest, or as an entry of the
    `index` that does not run.
    """

    to = fields.String()
    through = fields.String()
    digest = fields.String()
    kind = fields.String(allow_none=True)
    media_type = fields.String()
    artifact_type = fields.String(allow_none=True)
    tag = fields.String(allow_none=True)
    size_bytes = fields.Integer(allow_none=True)
    pushed_at = fields.AwareDateTime()
    pushed_by = fields.String(allow_none=True)


class ImageSchema(Schema):
    """One image of a repository by its digest; the newest 100 of its `tags_count` tags.

    Of its `attachments`, and of those of each platform, the newest 100 that have it as `subject`.

    `kind` says what it is (image, index, helm-chart, …), once it has been read.
    """

    digest = fields.String(attribute="row.digest")
    kind = fields.String(attribute="description.kind", allow_none=True)
    media_type = fields.String(attribute="description.media_type")
    artifact_type = fields.String(attribute="description.artifact_type", allow_none=True)
    tags = fields.List(fields.Nested(ImageTagSchema))
    tags_count = fields.Integer()
    size_bytes = fields.Integer(attribute="description.size_bytes", allow_none=True)
    platforms = fields.List(fields.Nested(PlatformSchema), attribute="description.platforms")
    pushed_at = fields.AwareDateTime(attribute="row.changed_at")
    pushed_by = fields.String(attribute="row.pushed_by", allow_none=True)
    last_pulled_at = fields.AwareDateTime(attribute="row.last_pulled_at", allow_none=True)
    pulls_count = fields.Integer(attribute="row.pulls_count")
    described = fields.Boolean(attribute="description.described")
    attachments = fields.List(fields.Nested(AttachmentSchema), attribute="attached")
    deleting = fields.Boolean()
    deletion_failure = fields.String(allow_none=True)


class ImagesSchema(Schema):
    """A page of images; `next` goes into `after`, `untagged` counts those without a tag."""

    items = fields.List(fields.Nested(ImageSchema))
    next = fields.String(allow_none=True)
    total = fields.Integer()
    untagged = fields.Integer()


class CountSchema(Schema):
    """What the caller sees in one namespace."""

    namespace = fields.String()
    namespace_id = fields.Integer()
    repositories = fields.Integer()
    size_bytes = fields.Integer()
    last_push_at = fields.AwareDateTime(allow_none=True)


class OrphanSchema(Schema):
    """A namespace that auth does not have, with what lies in it.

    `deleted`: auth had it once. `emptying`: its images are being deleted.
    """

    namespace = fields.String()
    registry = fields.String()
    repositories = fields.Integer()
    size_bytes = fields.Integer()
    last_push_at = fields.AwareDateTime(allow_none=True)
    deleted = fields.Boolean()
    emptying = fields.Boolean()


class OrphansSchema(Schema):
    """A page of orphans, by name; `next` goes into `after`."""

    items = fields.List(fields.Nested(OrphanSchema))
    next = fields.String(allow_none=True)


class HeldSchema(Schema):
    """What a manifest holds; `raw` is its text as the registry has it, up to 4 MiB.

    `belongs_to` names the images that it is a part of, or attached to.
    """

    subject = fields.String(attribute="manifest.subject", allow_none=True)
    belongs_to = fields.List(fields.String())
    config = fields.Dict(attribute="manifest.config", allow_none=True)
    layers = fields.List(fields.Dict(), attribute="manifest.layers", allow_none=True)
    annotations = fields.Dict(attribute="manifest.annotations", allow_none=True)
    raw = fields.String(attribute="manifest.raw", allow_none=True)


class ManifestSchema(ImageSchema, HeldSchema):
    """A manifest: what lists show of it, and what it holds."""


class TagMoveSchema(Schema):
    """One fact about what a tag pointed to: `source` is push, scan or delete.

    `before` is what the fact before this one said; a deletion has no digest. `is_here`: the image
    can still be pulled by its digest. `kind` is what it is, where that is known.
    """

    digest = fields.String(allow_none=True)
    before = fields.String(allow_none=True)
    source = fields.String(attribute="row.source")
    at = fields.AwareDateTime(attribute="row.occurred_at")
    by = fields.String(attribute="row.actor", allow_none=True)
    is_here = fields.Boolean()
    kind = fields.String(allow_none=True)


class TagMovesSchema(Schema):
    """A page of a tag's history, newest first."""

    items = fields.List(fields.Nested(TagMoveSchema))
    next = fields.String(allow_none=True)


class ActivitySchema(Schema):
    """One thing that happened; `details` is what the key adds."""

    id = fields.Integer(attribute="row.id")
    key = fields.String(attribute="row.key")
    repository = fields.String(allow_none=True)
    tag = fields.String(attribute="row.tag", allow_none=True)
    digest = fields.String(attribute="row.digest", allow_none=True)
    actor = fields.String(attribute="row.actor", allow_none=True)
    occurred_at = fields.AwareDateTime(attribute="row.occurred_at")
    details = fields.Dict(attribute="row.details", allow_none=True)


class ActivitiesSchema(Schema):
    """A page of activities, newest first."""

    items = fields.List(fields.Nested(ActivitySchema))
    next = fields.String(allow_none=True)
