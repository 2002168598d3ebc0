"""The rows that `lists.py` lists: a large installation, the same each time."""

import hashlib
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from portus_shared.db import Database

NAMESPACES = 1_000
REPOSITORIES = 100_000
TAGS = 100_000
ACTIVITIES = 1_000_000
USERS = 10_000
BIG = 5
"""The id of the repository that has all the tags; every other has one."""

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_AT_ONCE = 20_000
Values = tuple[Any, ...]


def digest_of(number: int) -> str:
    """Return a digest that is the same for the same number."""
    return f"sha256:{hashlib.sha256(str(number).encode()).hexdigest()}"


def moment(number: int) -> datetime:
    """Return a moment; a greater number is later."""
    return EPOCH + timedelta(seconds=number)


def fill(database: Database, url: str, table: str, columns: str, rows: Iterable[Values]) -> None:
    """Write rows the fast way of each database, then let it look at what it has."""
    names = columns.split()
    if database.is_sqlite:
        with database.write() as session:
            places = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
            cursor = session.connection().connection.cursor()
            for some in _batches(map(_for_sqlite, rows)):
                cursor.executemany(statement, some)
        return
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection, connection.cursor() as writing:
        into = f"COPY {database.schema}.{table} ({', '.join(names)}) FROM STDIN"
        with writing.copy(into) as copy:
            for some in _batches(rows):
                copy.write(_for_copy(some))


def finish(database: Database, url: str, tables: Sequence[str]) -> None:
    """Have PostgreSQL know its tables, as it does after a while; nobody tells SQLite."""
    if database.is_sqlite:
        return
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for table in tables:
            connection.execute(f"VACUUM ANALYZE {database.schema}.{table}".encode())


def _batches(rows: Iterable[Values]) -> Iterator[list[Values]]:
    left = iter(rows)
    while some := list(itertools.islice(left, _AT_ONCE)):
        yield some


def _for_sqlite(row: Values) -> Values:
    return tuple(
        value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value
        for value in row
    )


def _for_copy(rows: Sequence[Values]) -> str:
    text = io.StringIO()
    for row in rows:
        text.write("\t".join(r"\N" if value is None else str(value) for value in row) + "\n")
    return text.getvalue()


def catalog(database: Database, url: str) -> None:
    """Fill the catalogue."""
    fill(
        database,
        url,
        "registries",
        "name external_host revision deleted",
        [("default", "r", 1, False)],
    )
    people = "username user_id kind enabled admin revision deleted"
    fill(database, url, "users", people, _users())
    fill(database, url, "teams", "team_id name hidden revision deleted", _teams())
    fill(database, url, "team_members", "team_id username role", _members())
    spaces = "registry name namespace_id team_id visibility description revision deleted"
    fill(database, url, "namespaces", spaces, _namespaces())
    granted = "registry namespace path_prefix subject_kind subject may_pull may_push may_delete"
    fill(database, url, "access", granted, _access())
    fill(database, url, "repositories", _REPOSITORY, _repositories())
    manifest = "id registry digest media_type described size_bytes layers children_count"
    fill(database, url, "manifests", manifest, _manifests())
    fill(database, url, "images", _IMAGE, _images())
    fill(database, url, "tags", _TAG, _tags())
    move = "repository_id tag digest source observed_at occurred_at actor"
    fill(database, url, "tag_history", move, _moves())
    happened = "key repository_id tag digest actor occurred_at same"
    fill(database, url, "activities", happened, _activities())
    finish(database, url, CATALOG)


CATALOG = (
    *("registries", "users", "teams", "team_members", "namespaces", "access", "repositories"),
    *("manifests", "images", "tags", "tag_history", "activities"),
)
_REPOSITORY = (
    "id registry full_name namespace path created_at updated_at alive tags_count images_count "
    "untagged_count manifests_count size_bytes last_push_stamp last_push_at last_push_by "
    "pulls_count"
)
_IMAGE = (
    "repository_id manifest_id digest seen deleted standing size_bytes has_subject has_children "
    "first_at changed_at pulls_count"
)
_TAG = (
    "repository_id name digest observed_at state created_at updated_at pushed_at pushed_by "
    "pulls_count"
)


def _users() -> Iterator[Values]:
    for number in range(USERS):
        yield (f"u{number}", number + 1, "user", True, False, 1, False)


def _teams() -> Iterator[Values]:
    for number in range(NAMESPACES):
        yield (number + 1, f"t{number}", False, 1, False)


def _members() -> Iterator[Values]:
    """Ten people a team; u1 is in the first five."""
    for team in range(NAMESPACES):
        for user in {1 if team < 5 else 2, *((team * 10 + n) % USERS for n in range(10))}:
            yield (team + 1, f"u{user}", "contributor")


def _namespaces() -> Iterator[Values]:
    for number in range(NAMESPACES):
        name, kind = f"ns{number}", "public" if number % 10 == 0 else "private"
        yield ("default", name, number + 1, number + 1, kind, "", 1, False)


def _access() -> Iterator[Values]:
    for number in range(NAMESPACES):
        here = ("default", f"ns{number}", "")
        yield (*here, "admin", "", True, True, True)
        for role, delete in (("owner", True), ("contributor", False), ("viewer", False)):
            yield (*here, "team_role", f"{number + 1}:{role}", True, role != "viewer", delete)
        if number % 10 == 0:
            yield (*here, "anonymous", "", True, False, False)
            yield (*here, "user", "*", True, False, False)


def _repositories() -> Iterator[Values]:
    for number in range(1, REPOSITORIES + 1):
        space, path = f"ns{number % NAMESPACES}", f"app{number}"
        tags, at = TAGS if number == BIG else 1, moment(number * 7919 % ACTIVITIES)
        yield (
            *(number, "default", f"{space}/{path}", space, path, EPOCH, at, True, tags, tags),
            *(0, tags, tags * 1000, number, at, f"u{number % USERS}", 0),
        )


def _manifests() -> Iterator[Values]:
    for number in range(1, TAGS + 1):
        yield (number, "default", digest_of(number), MANIFEST, True, 1000, "[]", 0)


def _images() -> Iterator[Values]:
    for repository, number in _places():
        at = moment(number)
        yield (
            *(repository, number, digest_of(number), number, 0, "tagged", 1000, False, False),
            *(at, at, 0),
        )


def _tags() -> Iterator[Values]:
    for repository, number in _places():
        at = moment(number)
        state = (number, "live", at, at, at, f"u{number % USERS}", 0)
        yield (repository, f"v{number}", digest_of(number), *state)


def _moves() -> Iterator[Values]:
    for repository, number in _places():
        at = moment(number)
        yield (repository, f"v{number}", digest_of(number), "push", number, at, "u1")


def _places() -> Iterator[tuple[int, int]]:
    for number in range(1, TAGS + 1):
        yield BIG, number
    for repository in range(1, REPOSITORIES + 1):
        if repository != BIG:
            yield repository, repository % TAGS + 1


def _activities() -> Iterator[Values]:
    """One in a hundred is for admins only; the others are spread over all repositories."""
    for number in range(ACTIVITIES):
        repository = None if number % 100 == 0 else number * 7919 % REPOSITORIES + 1
        key = "registry.scan" if repository is None else "repository.push"
        yield (key, repository, "v1", None, f"u{number % USERS}", moment(number), f"same {number}")
