"""Facts merge to one state, whatever order they come in and however often."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given, strategies as st

from portus_catalog.domain.merge import (
    Pointer,
    Presence,
    Push,
    is_live,
    merge_pointer,
    merge_presence,
)

DIGESTS = ("a", "b", "c")
TAGS = ("1", "2")
STAMPS = st.integers(min_value=1, max_value=8)


@dataclass(frozen=True)
class Seen:
    """A push or a scan's sighting."""

    tag: str
    digest: str
    at: int
    by: str | None


@dataclass(frozen=True)
class DigestDeleted:
    digest: str
    at: int


@dataclass(frozen=True)
class TagDeleted:
    tag: str
    at: int


Fact = Seen | DigestDeleted | TagDeleted
facts = st.one_of(
    st.builds(
        Seen,
        st.sampled_from(TAGS),
        st.sampled_from(DIGESTS),
        STAMPS,
        st.none() | st.sampled_from(["x", "y"]),
    ),
    st.builds(DigestDeleted, st.sampled_from(DIGESTS), STAMPS),
    st.builds(TagDeleted, st.sampled_from(TAGS), STAMPS),
)


@dataclass
class Repository:
    """The registers of one repository, fed with facts."""

    pointers: dict[str, Pointer] = field(default_factory=dict)
    presences: dict[str, Presence] = field(default_factory=dict)

    def take(self, fact: Fact) -> None:
        match fact:
            case Seen(tag, digest, at, by):
                push = Push(observed_at=at, at=datetime.fromtimestamp(at, UTC), by=by)
                self._image(digest, Presence(seen=at, push=push if by else None))
                self._tag(tag, Pointer(digest=digest, observed_at=at))
            case DigestDeleted(digest, at):
                self._image(digest, Presence(deleted=at))
            case TagDeleted(tag, at):
                self._tag(tag, Pointer(digest=None, observed_at=at))

    def live(self) -> dict[str, str]:
        return {
            tag: pointer.digest
            for tag, pointer in self.pointers.items()
            if pointer.digest and is_live(pointer, self.presences[pointer.digest])
        }

    def _image(self, digest: str, fact: Presence) -> None:
        self.presences[digest] = merge_presence(self.presences.get(digest), fact)

    def _tag(self, tag: str, fact: Pointer) -> None:
        self.pointers[tag] = merge_pointer(self.pointers.get(tag), fact)


def after(story: Sequence[Fact]) -> Repository:
    repository = Repository()
    for fact in story:
        repository.take(fact)
    return repository


@given(st.lists(facts, max_size=12), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(story: list[Fact], chance: random.Random) -> None:
    told_twice = story + chance.choices(story, k=3) if story else story
    chance.shuffle(told_twice)
    assert after(told_twice) == after(story)


@given(st.lists(facts, max_size=12))
def test_a_live_tag_points_to_a_manifest_that_is_here(story: list[Fact]) -> None:
    repository = after(story)
    for digest in repository.live().values():
        assert repository.presences[digest].is_here


@given(st.lists(facts, max_size=12))
def test_a_live_tag_shows_the_newest_fact_about_it(story: list[Fact]) -> None:
    for tag, digest in after(story).live().items():
        about = [fact for fact in story if isinstance(fact, Seen | TagDeleted) and fact.tag == tag]
        newest = max(fact.at for fact in about)
        assert any(
            isinstance(fact, Seen) and fact.at == newest and fact.digest == digest for fact in about
        )


def test_deleting_a_digest_spares_a_tag_that_moved_on() -> None:
    story: list[Fact] = [Seen("1", "a", 1, "x"), Seen("1", "b", 2, "x"), DigestDeleted("a", 3)]
    assert after(story).live() == {"1": "b"}


def test_deleting_a_digest_takes_all_its_tags() -> None:
    story: list[Fact] = [Seen("1", "a", 1, "x"), Seen("2", "a", 2, "x"), DigestDeleted("a", 3)]
    assert after(story).live() == {}


def test_a_push_after_a_deletion_brings_the_tag_back() -> None:
    story: list[Fact] = [Seen("1", "a", 1, "x"), DigestDeleted("a", 2), Seen("1", "a", 3, "x")]
    assert after(story).live() == {"1": "a"}


def test_a_late_push_does_not_resurrect() -> None:
    assert after([DigestDeleted("a", 2), Seen("1", "a", 1, "x")]).live() == {}
    assert after([TagDeleted("1", 2), Seen("1", "a", 1, "x")]).live() == {}
