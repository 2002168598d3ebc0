from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st
from services.ui.tests.company import sha

from portus_ui.svg import mark
from portus_ui.views import formats
from portus_ui.views.feed import feed_items

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def test_a_mark_is_drawn_from_the_digest() -> None:
    drawn = mark("sha256:0123456789abcdef")
    assert drawn == (
        '<svg class="mark m2" width="29" height="15" viewBox="0 0 29 15" fill="currentColor" '
        'aria-hidden="true"><path d="M0 12h5v3h-5zM6 12h5v3h-5zM6 8h5v3h-5zM12 12h5v3h-5z'
        "M12 8h5v3h-5zM12 4h5v3h-5zM18 12h5v3h-5zM18 8h5v3h-5zM18 4h5v3h-5zM18 0h5v3h-5z"
        'M24 12h5v3h-5z"/></svg>'
    )


@pytest.mark.parametrize("text", ["", "sha256:", "sha256:xyz", "<script>", "sha256:<b>123456789"])
def test_what_is_no_digest_has_no_mark(text: str) -> None:
    assert mark(text) == ""


@given(st.binary(min_size=32, max_size=32))
def test_every_digest_has_a_mark(raw: bytes) -> None:
    assert mark(f"sha256:{raw.hex()}").startswith('<svg class="mark m')


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (61_400_000, "61.4 MB"),
        (430_000_000, "430 MB"),
        (14_600_000_000, "14.6 GB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes(size_bytes: int | None, text: str) -> None:
    assert formats.size(size_bytes) == text


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ({"seconds": -30}, "Just now"),
        ({"seconds": 59}, "Just now"),
        ({"minutes": 4}, "4 min ago"),
        ({"hours": 1}, "1 hour ago"),
        ({"hours": 17}, "17 hours ago"),
        ({"hours": 30}, "Yesterday"),
        ({"days": 6}, "6 days ago"),
        ({"days": 42}, "12 Oct"),
        ({"days": 400}, "19 Oct 2025"),
    ],
)
def test_moments(before: dict[str, int], text: str) -> None:
    shown = formats.moment((NOW - timedelta(**before)).isoformat(), NOW)
    assert shown is not None
    assert shown.ago == text


def test_a_moment_in_full_is_in_utc() -> None:
    shown = formats.moment("2026-11-03T19:30:05+02:00", NOW)
    assert shown is not None
    assert (shown.iso, shown.full) == ("2026-11-03T17:30:05Z", "3 November 2026, 17:30:05 UTC")


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("ines.moreau", "IM"),
        ("root", "RO"),
        ("ci-payments", "CP"),
        ("x", "X"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


def test_a_long_reference_may_break_and_stays_escaped() -> None:
    assert formats.soft("a.b/c:<i>") == "a.<wbr>b/<wbr>c:&lt;i&gt;"
    assert formats.soft("127.0.0.1:80/c") == "127.0.0.1:80/<wbr>c"


def activity(number: int, tag: str | None, digest: str, actor: str = "ci") -> dict[str, object]:
    moment = NOW.isoformat()
    shown = {"id": number, "key": "repository.push", "repository": "a/b", "tag": tag}
    return shown | {"digest": digest, "actor": actor, "occurred_at": moment}


def test_the_tags_of_one_push_are_one_item() -> None:
    one, other = sha("1"), sha("2")
    items = feed_items(
        [
            activity(4, "latest", one),
            activity(3, "1.0", one),
            activity(2, "0.9", other),
            activity(1, "0.9", other, actor="ines"),
        ],
        NOW,
    )
    assert [(item.tags, item.actor) for item in items] == [
        (("1.0", "latest"), "ci"),
        (("0.9",), "ci"),
        (("0.9",), "ines"),
    ]


def test_the_platforms_of_a_pushed_index_are_part_of_that_push() -> None:
    index, amd64, arm64, alone = (sha(seed) for seed in "1234")
    items = feed_items(
        [
            activity(5, "2.0", index),
            activity(4, None, arm64),
            activity(3, None, amd64),
            activity(2, "1.0", alone, actor="ines"),
            activity(1, None, alone),
        ],
        NOW,
    )
    assert [(item.tags, item.digest) for item in items] == [
        (("2.0",), index),
        (("1.0",), alone),
        ((), alone),
    ]


def test_the_parts_of_a_deleted_image_are_part_of_that_deletion() -> None:
    index, amd64, arm64, other = (sha(seed) for seed in "1234")

    def deletion(number: int, digest: str, *tags: str) -> dict[str, object]:
        shown = activity(number, None, digest) | {"key": "repository.delete"}
        return shown | {"details": {"tags": list(tags)} if tags else None}

    items = feed_items(
        [
            deletion(4, arm64),
            deletion(3, amd64),
            deletion(2, index, "2.0", "latest"),
            deletion(1, other, "1.0"),
        ],
        NOW,
    )
    assert [(item.tags, item.digest) for item in items] == [
        (("2.0", "latest"), index),
        (("1.0",), other),
    ]


def test_what_is_attached_is_said_to_be_that() -> None:
    signed = sha("image")
    stem = signed.replace(":", "-")
    items = feed_items(
        [
            activity(5, stem, sha("list of what is attached")),
            activity(4, None, sha("review")),
            activity(3, f"{stem}.att", sha("attestation")),
            activity(2, f"{stem}.sig", sha("signature")),
            activity(1, "1.0", signed),
        ],
        NOW,
    )
    assert [(item.text, item.tags, item.digest) for item in items] == [
        ("attached something to", (), signed),
        ("attached an attestation to", (), signed),
        ("attached a signature to", (), signed),
        ("pushed", ("1.0",), signed),
    ]
