"""Deleting an image, a tag or a repository: what would go is shown first, then it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from portus_shared.names import namespace_of
from portus_ui.domain.viewer import Viewer
from portus_ui.usecases.deleting import Doomed
from portus_ui.views.deps import Deps
from portus_ui.views.formats import plural
from portus_ui.views.image_rows import platforms_of, tags_count_of
from portus_ui.views.kinds import badges_of, kind_of


def blueprint(deps: Deps) -> Blueprint:
    """Serve ``/delete/<repository>``; ``digest`` names one image of it, ``tag`` one of its tags."""
    routes = Blueprint("deleting", __name__)

    @routes.get("/delete/<path:name>")
    def confirm(name: str) -> Response:
        viewer = deps.visitors.signed_in()
        return _page(deps, name, _found(deps, viewer, name, request.args))

    @routes.post("/delete/<path:name>")
    def delete(name: str) -> AnyResponse:
        viewer = deps.visitors.signed_in()
        doomed = _found(deps, viewer, name, request.form)
        if request.form.get("only") == "tag":
            deps.deleting.delete_tag(viewer, doomed)
            return redirect(f"/r/{name}", 303)
        if _needs_name(doomed) and request.form.get("sure", "").strip() != name:
            return _page(deps, name, doomed, wrong=f"Type {name} exactly to delete it")
        deps.deleting.delete(viewer, doomed)
        return redirect(f"/r/{name}", 303)

    return routes


def _found(deps: Deps, viewer: Viewer, name: str, given: Mapping[str, str]) -> Doomed:
    return deps.deleting.find(viewer, name, given.get("digest", ""), given.get("tag", ""))


def _page(deps: Deps, name: str, doomed: Doomed, *, wrong: str = "") -> Response:
    image = doomed.image
    digest = image["digest"] if image else ""
    return deps.renderer.page(
        "delete.html",
        fragments={"confirm": "_delete_dialog.html"},
        status=422 if wrong else 200,
        here="Namespaces",
        name=name,
        namespace=namespace_of(name),
        action=_action(name, digest, doomed),
        tag=doomed.tag["name"] if doomed.tag else "",
        alone=doomed.alone,
        digest=digest,
        tags=[tag["name"] for tag in image["tags"]] if image else [],
        tags_count=tags_count_of(image) if image else 0,
        platforms=[each.name for each in platforms_of(image)] if image else [],
        badges=badges_of(image.get("attachments") or ()) if image else (),
        noun=kind_of(image).noun if image else "",
        asks_name=_needs_name(doomed),
        what=_what(doomed),
        wrong=wrong,
    )


def _action(name: str, digest: str, doomed: Doomed) -> str:
    named = {"digest": digest, "tag": doomed.tag["name"] if doomed.tag else ""}
    query = urlencode({key: value for key, value in named.items() if value})
    return f"/delete/{name}?{query}" if query else f"/delete/{name}"


def _needs_name(doomed: Doomed) -> bool:
    """Tell whether the name must be typed: a repository goes with everything in it."""
    return doomed.image is None


def _what(doomed: Doomed) -> str:
    """Say what goes, as the button does."""
    if doomed.image is None:
        held = int(doomed.repository["images_count"])
        return f"repository and {plural(held, 'image')}" if held else "repository"
    tags, noun = tags_count_of(doomed.image), kind_of(doomed.image).noun
    return f"{noun} and {plural(tags, 'tag')}" if tags else noun
