"""Read new manifests and their config blobs, a few at a time."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from portus_shared.clock import now
from portus_sync.domain.configs import MAX_CONFIG_BYTES, ImageConfig, read_config
from portus_sync.domain.manifests import Description, describe
from portus_sync.loops.context import Context
from portus_sync.registry.client import RegistryClient
from portus_sync.registry.errors import RegistryError, TooLarge
from portus_sync.storage import jobs
from portus_sync.storage.tables import DescribeJob
from portus_sync.usecases.describe import Failed, Gone, Read, settle

_BATCH: Final = 32
_THREADS: Final = 4
_POLL_S: Final = 0.1


class Describing:
    """Work off the describe jobs."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, stop: threading.Event) -> None:
        """Take jobs as they come until `stop` is set."""
        with ThreadPoolExecutor(_THREADS, "describe") as pool:
            while not stop.is_set():
                if self.step(pool) == 0:
                    stop.wait(_POLL_S)

    def step(self, pool: ThreadPoolExecutor) -> int:
        """Work off the jobs that are due, at most a batch; return how many there were."""
        taken = self._take()
        if taken:
            results = list(pool.map(self._read, taken))
            with self._context.database.write() as session:
                for job, result in zip(taken, results, strict=True):
                    settle(session, job, result, at=now())
        return len(taken)

    def _take(self) -> Sequence[DescribeJob]:
        with self._context.database.read() as session:
            if not jobs.has_due(session, at=now()):
                return []
        with self._context.database.write() as session:
            return jobs.take(session, at=now(), limit=_BATCH)

    def _read(self, job: DescribeJob) -> Read | Gone | Failed:
        seen = self._context.seen(job.registry_name)
        try:
            client = self._context.client(job.registry_name)
            manifest = client.manifest(job.repository, job.digest)
            if manifest is None:
                return Gone()
            description = describe(manifest.body, manifest.media_type)
            config = _config(client, job.repository, description)
        except RegistryError as error:
            return Failed(reason=str(error))
        return Read(seen=seen, description=description, config=config)


def _config(
    client: RegistryClient, repository: str, description: Description
) -> ImageConfig | None:
    digest = description.config_digest
    if digest is None:
        return None
    try:
        body = client.blob(repository, digest, limit_bytes=MAX_CONFIG_BYTES)
    except TooLarge:
        return None
    return None if body is None else read_config(digest, body)
