"""Turn a manifest that was read into an event, once per repository and digest."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portus_sync.domain import backoff
from portus_sync.domain.configs import ImageConfig
from portus_sync.domain.manifests import Description
from portus_sync.domain.places import Place
from portus_sync.storage import jobs
from portus_sync.storage.tables import DescribeJob
from portus_sync.usecases import publish
from portus_sync.usecases.publish import Seen

MAX_ATTEMPTS = 10
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A manifest that the registry gave, described; `seen` is from before it was asked."""

    seen: Seen
    description: Description
    config: ImageConfig | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The registry answered that it does not have the manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The manifest could not be read now."""

    reason: str


def settle(
    session: Session, job: DescribeJob, result: Read | Gone | Failed, *, at: datetime
) -> None:
    """Close, or postpone, a job by what the registry answered."""
    match result:
        case Read():
            _publish(session, job, result, at)
            jobs.finish(session, job.id, "done")
        case Gone():
            jobs.finish(session, job.id, "gone")
        case Failed(reason=reason) if job.attempts + 1 >= MAX_ATTEMPTS:
            jobs.finish(session, job.id, "failed", reason)
        case Failed(reason=reason):
            pause = backoff.delay(
                job.attempts + 1, first_s=_FIRST_PAUSE_S, longest_s=_LONGEST_PAUSE_S
            )
            jobs.postpone(session, job.id, reason=reason, until=at + pause)


def _publish(session: Session, job: DescribeJob, read: Read, at: datetime) -> None:
    publish.described(
        session,
        read.seen,
        repository=job.repository,
        digest=job.digest,
        description=read.description,
        config=read.config,
    )
    registry, repository = job.registry_name, job.repository
    digests = (child.digest for child in read.description.children)
    jobs.ask(session, (Place(registry, repository, digest) for digest in digests), at=at)
