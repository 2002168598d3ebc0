"""One image: by digest, or by tag with where the tag pointed before."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared.clock import now
from portus_shared.names import GLOBAL, namespace_of, path_in_namespace
from portus_ui.usecases.images import ImageFacts, Json
from portus_ui.views.deps import Deps
from portus_ui.views.formats import count, moment, plural, short
from portus_ui.views.image_parts import Page, attached_rows, labels_of, move_rows, steps_of
from portus_ui.views.image_rows import ImageContext, image_row
from portus_ui.views.paging import Pager
from portus_ui.views.pulling import Reference, chosen_of, clients_of, command_of

_NEWS: Final = {
    "gone": "This tag is gone by now.",
    "deleting": "This image is being deleted.",
    "tag-deleting": "This tag is being deleted.",
}


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/r/<repository>@<digest>`` and ``/r/<repository>:<tag>``."""
    routes = Blueprint("images", __name__)

    @routes.get("/r/<path:name>@<digest>")
    def image(name: str, digest: str) -> AnyResponse:
        viewer = deps.visitors.viewer()
        plain, tagged, _ = name.partition(":")
        if tagged:
            # As docker takes it: the digest decides, the tag beside it says nothing.
            return redirect(f"/r/{plain}@{digest}")
        return _page(deps, name, "", deps.images.by_digest(viewer, name, digest))

    @routes.get("/r/<path:name>:<tag>")
    def tag(name: str, tag: str) -> Response:
        after = request.args.get("after", "")[:500]
        return _page(deps, name, tag, deps.images.by_tag(deps.visitors.viewer(), name, tag, after))

    return routes


def _page(deps: Deps, name: str, tag: str, facts: ImageFacts) -> Response:
    host = facts.repository.get("registry_hostname") or deps.abouts.host()
    page = Page(
        base=f"{host}/{name}" if host else name,
        client=request.args.get("client", ""),
        names=deps.visitors.viewer().name is not None,
        now=now(),
    )
    address = f"/r/{quote(name)}:{tag}" if tag else request.path
    return deps.renderer.page(
        "image.html",
        fragments={"pull": "_pull.html", "history": "_history.html", "news": "_image_news.html"},
        here="Namespaces",
        name=name,
        namespace=namespace_of(name),
        is_global=namespace_of(name) == GLOBAL,
        path=path_in_namespace(name),
        tag=tag,
        page_address=address,
        tag_deleting=facts.tag_deleting,
        **_news(facts, address),
        deletable="delete" in facts.repository.get("actions", ()),
        moves=move_rows(facts.history["items"], page) if facts.history else [],
        pager=_pager(facts.history) if facts.history else None,
        **_image(facts.manifest, tag, page, known_host=bool(host)),
    )


def _image(manifest: Json | None, tag: str, page: Page, *, known_host: bool) -> dict[str, Any]:
    """Return what the page shows of the image; a tag that is gone has none."""
    if manifest is None:
        return {"row": None, "pull": "", "clients": {}, "client": "", "short": ""}
    context = ImageContext(
        base=page.base,
        client=page.client,
        opened=(),
        toggled=lambda _: "",
        names=page.names,
        now=page.now,
    )
    row = image_row(manifest, context)
    kind = row.kind.name
    reference = Reference(base=page.base, tag=tag, digest=manifest["digest"])
    pinned = Reference(base=page.base, tag="", digest=manifest["digest"])
    return {
        "row": row,
        "noun": row.kind.noun,
        "short": short(manifest["digest"]),
        "pull": command_of(kind, page.client, reference) if known_host else "",
        "pinned": command_of(kind, page.client, pinned) if known_host and tag else "",
        "clients": {key: each.label for key, each in clients_of(kind).items()},
        "client": chosen_of(kind, page.client),
        "pulls": plural(int(manifest.get("pulls_count") or 0), "pull"),
        "pulled": moment(manifest.get("last_pulled_at"), page.now),
        "belongs_to": manifest["belongs_to"],
        "attached": attached_rows(manifest, page),
        "steps": steps_of(manifest),
        "labels": labels_of(manifest),
    }


def _news(facts: ImageFacts, address: str) -> dict[str, Any]:
    """Return what has changed since the page was opened, and where it asks for that."""
    now_there = _state_of(facts)
    seen = request.args.get("seen", now_there)
    news = "" if seen == now_there else _NEWS.get(now_there, "This tag points elsewhere by now.")
    return {"news": news, "news_address": f"{address}?{urlencode({'seen': seen})}"}


def _state_of(facts: ImageFacts) -> str:
    if facts.manifest is None:
        return "gone"
    if facts.manifest.get("deleting"):
        return "deleting"
    return "tag-deleting" if facts.tag_deleting else str(facts.manifest["digest"])


def _pager(history: Json) -> Pager:
    after, client = request.args.get("after", ""), request.args.get("client", "")
    kept = {"client": client} if client else {}
    following = {**kept, "after": history["next"]} if history["next"] else None
    return Pager(
        text=f"{count(len(history['items']))} shown, latest first",
        newer=f"{request.path}?{urlencode(kept)}".rstrip("?") if after else "",
        older=f"{request.path}?{urlencode(following)}" if following else "",
        newer_label="Latest",
        older_label="Older",
    )
