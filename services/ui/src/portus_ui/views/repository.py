"""One repository with its images, one row a digest."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from portus_shared.clock import now
from portus_shared.errors import NotFound
from portus_shared.names import GLOBAL, namespace_of, path_in_namespace
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.pages import ImagesWanted, Json, RepositoryFacts
from portus_ui.views.deps import Deps
from portus_ui.views.formats import count, moment, plural, size
from portus_ui.views.image_rows import ImageContext, ImageRow, image_row
from portus_ui.views.models import access_of, actions_of, role_of
from portus_ui.views.paging import Pager
from portus_ui.views.pulling import Reference, chosen_of, clients_of, command_of
from portus_ui.views.render import fragment_wanted

_OPEN_MAX: Final = 25


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/r/<repository>``."""
    routes = Blueprint("repository", __name__)

    @routes.get("/r/<path:name>")
    def repository(name: str) -> Response:
        wanted = ImagesWanted(
            after=request.args.get("after", "")[:500],
            text=request.args.get("f", "").strip()[:255],
            untagged="untagged" in request.args,
        )
        try:
            facts = deps.pages.repository(deps.visitors.viewer(), name, wanted)
        except NotFound:
            if fragment_wanted(request) == "images":
                return _gone(deps, name)
            raise
        return _page(deps, name, facts, wanted)

    return routes


def _gone(deps: Deps, name: str) -> Response:
    """Tell an open page that its repository is no longer there to be seen."""
    return deps.renderer.page(
        "repository.html",
        fragments={"images": "_repository_gone.html"},
        status=404,
        name=name,
        namespace=namespace_of(name),
        address=request.full_path.rstrip("?"),
    )


def _page(deps: Deps, name: str, facts: RepositoryFacts, wanted: ImagesWanted) -> Response:
    host = facts.repository.get("registry_hostname") or deps.abouts.host()
    viewer = deps.visitors.viewer()
    base = f"{host}/{name}" if host else name
    client = request.args.get("client", "")
    rows = _rows(facts.images["items"], base, client, names=viewer.name is not None)
    kind, reference = _pulled(rows, facts.repository, base)
    return deps.renderer.page(
        "repository.html",
        fragments={"images": "_images.html", "pull": "_pull.html"},
        here="Namespaces",
        name=name,
        namespace=namespace_of(name),
        path=path_in_namespace(name),
        is_global=namespace_of(name) == GLOBAL,
        visibility=(facts.namespace or {}).get("visibility", ""),
        description=facts.repository.get("description") or "",
        facts=_facts(facts, viewer),
        pull=command_of(kind, client, reference) if host else "",
        clients={key: each.label for key, each in clients_of(kind).items()},
        client=chosen_of(kind, client),
        rows=rows,
        pager=_pager(facts.images, wanted),
        filter=wanted.text,
        total=facts.images["total"],
        untagged=wanted.untagged,
        deleting=bool(facts.repository.get("deleting")),
        deletable="delete" in facts.repository.get("actions", ()),
        untagged_count=int(facts.images.get("untagged") or 0),
        page_address=f"/r/{quote(name)}",
        address=request.full_path.rstrip("?"),
    )


def _rows(items: list[Json], base: str, client: str, *, names: bool) -> list[ImageRow]:
    opened = tuple(request.args.getlist("open")[:_OPEN_MAX])
    context = ImageContext(
        base=base,
        client=client,
        opened=opened,
        toggled=lambda digest: _toggled(digest, opened),
        names=names,
        now=now(),
    )
    return [image_row(item, context) for item in items]


def _toggled(digest: str, opened: tuple[str, ...]) -> str:
    """Return the address of this page with one image's platforms shown, or hidden again."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "open"]
    still = [other for other in opened if other != digest]
    if digest not in opened:
        still.append(digest)
    return f"{request.path}?{urlencode([*kept, *(('open', other) for other in still)])}"


def _pulled(rows: list[ImageRow], repository: Json, base: str) -> tuple[str, Reference]:
    """Return what to pull, and what it is: the first with a tag shown, else the newest push."""
    for row in rows:
        if row.tags:
            return row.kind.name, row.reference
    push = repository.get("last_push") or {}
    return "", Reference(base=base, tag=push.get("tag") or "", digest="")


def _facts(facts: RepositoryFacts, viewer: Viewer) -> dict[str, object]:
    repository = facts.repository
    push = repository.get("last_push") or {}
    return {
        "images": repository.get("images_count"),
        "tags": plural(int(repository.get("tags_count") or 0), "tag"),
        "size": size(repository.get("size_bytes")),
        "last_push": moment(push.get("at"), now()),
        "pushed_by": (push.get("by") or "") if viewer.name is not None else "",
        "access": access_of(role_of(facts.namespace), admin=viewer.admin),
        "actions": actions_of(repository),
    }


def _pager(images: Json, wanted: ImagesWanted) -> Pager:
    shown, total = len(images["items"]), int(images["total"])
    whole = plural(total, "untagged image" if wanted.untagged else "image")
    if wanted.after:
        text = f"{count(shown)} of {whole}"
    else:
        text = f"1 to {count(shown)} of {whole}" if shown < total else whole
    kept = (("f", wanted.text), ("untagged", "1" if wanted.untagged else ""))
    first = {name: value for name, value in kept if value}
    following = {**first, "after": images["next"]} if images["next"] else None
    return Pager(
        text=text,
        newer=f"{request.path}?{urlencode(first)}".rstrip("?") if wanted.after else "",
        older=f"{request.path}?{urlencode(following)}" if following else "",
        newer_label="Newest",
        older_label="Older",
    )
