"""View models of one image's page: what is attached, how it was built, where its tag pointed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portus_ui.views.formats import Moment, moment, short, size
from portus_ui.views.kinds import Kind, kind_of
from portus_ui.views.pulling import Reference, command_about, command_of

Json = Mapping[str, Any]
_TEXT_SHOWN: Final = 2000
_ENTRIES_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedRow:
    """One thing attached to an image; `platform` is the one it is for, if not for all of it."""

    kind: Kind
    digest: str
    tag: str
    platform: str
    size: str
    pushed: Moment | None
    pushed_by: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One layer, or one step of a build that made none."""

    text: str
    digest: str
    type: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """One fact of a tag's history; `command` pulls what it pointed to, while that is there."""

    digest: str
    what: str
    by: str
    when: Moment | None
    is_here: bool
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What rows need from their page: the repository with its host, and whether to name people."""

    base: str
    client: str
    names: bool
    now: datetime


def attached_rows(manifest: Json, page: Page) -> list[AttachedRow]:
    """Make the rows of what is attached to an image or to its platforms."""
    platforms = {each["digest"]: _platform_name(each) for each in manifest["platforms"]}
    own = manifest["digest"]
    return [
        AttachedRow(
            kind=kind_of(item),
            digest=item["digest"],
            tag=item.get("tag") or "",
            platform="" if item["to"] == own else platforms.get(item["to"], short(item["to"])),
            size=size(item.get("size_bytes")),
            pushed=moment(item.get("pushed_at"), page.now),
            pushed_by=(item.get("pushed_by") or "") if page.names else "",
            command=_command(item, page),
        )
        for item in manifest["attachments"]
    ]


def _command(item: Json, page: Page) -> str:
    to = Reference(base=page.base, tag="", digest=item["to"]).text
    return command_about(item, to, Reference(base=page.base, tag="", digest=item["digest"]))


def _platform_name(platform: Json) -> str:
    parts = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    return "/".join(part for part in parts if part)


def steps_of(manifest: Json) -> list[Step]:
    """Return the layers in their order, with the steps of the build where the config tells them."""
    layers = iter(manifest.get("layers") or ())
    history = (manifest.get("config") or {}).get("history") or ()
    steps = [
        _step(entry, None if entry.get("empty_layer") else next(layers, None)) for entry in history
    ]
    return [*steps, *(_step({}, layer) for layer in layers)][:_ENTRIES_SHOWN]


def _step(entry: Json, layer: Json | None) -> Step:
    text = entry.get("created_by") or entry.get("comment") or ""
    return Step(
        text=_readable(text)[:_TEXT_SHOWN],
        digest=layer["digest"] if layer else "",
        type=(layer.get("media_type") or "") if layer else "",
        size=size(layer.get("size_bytes")) if layer else "",
    )


def _readable(text: str) -> str:
    """Take off what docker puts around the lines of a Dockerfile."""
    line = text.removeprefix("/bin/sh -c ").removeprefix("#(nop) ")
    return " ".join(line.removesuffix("# buildkit").split())


def labels_of(manifest: Json) -> list[tuple[str, str]]:
    """Return the labels of the config and the annotations of the manifest, each name once."""
    labels = (manifest.get("config") or {}).get("labels") or {}
    both = {**labels, **(manifest.get("annotations") or {})}
    return [(name, str(both[name])[:_TEXT_SHOWN]) for name in sorted(both)][:_ENTRIES_SHOWN]


def move_rows(moves: Sequence[Json], page: Page) -> list[MoveRow]:
    """Make the rows of a tag's history."""
    return [
        MoveRow(
            digest=move["digest"] or "",
            what=_what(move),
            by=(move.get("by") or "") if page.names else "",
            when=moment(move["at"], page.now),
            is_here=bool(move["is_here"]),
            command=_pull_of(move, page) if move["is_here"] else "",
        )
        for move in moves
    ]


def _pull_of(move: Json, page: Page) -> str:
    reference = Reference(base=page.base, tag="", digest=move["digest"])
    return command_of(move.get("kind") or "", page.client, reference)


def _what(move: Json) -> str:
    if move["source"] == "delete":
        return "Deleted"
    if move["digest"] == move["before"]:
        return "Pushed again"
    return "Found by a scan" if move["source"] == "scan" else "Pushed"
