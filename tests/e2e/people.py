"""Who the permission tests are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tests.e2e.product import Person, Product

ROLES: Final = ("viewer", "contributor", "owner")
VISIBILITIES: Final = ("private", "protected", "public")


@dataclass(frozen=True, slots=True)
class People:
    """Everybody by role (None is anonymous); the namespaces are named by their visibility."""

    by_role: Mapping[str, Person | None]

    def credentials(self, role: str) -> str | None:
        person = self.by_role[role]
        return person.credentials if person else None


def populate(product: Product) -> People:
    """Make the team "crew" with its members and namespaces."""
    crew = product.make("/teams", {"name": "crew"})
    by_role: dict[str, Person | None] = {"anonymous": None, "admin": product.admin}
    for role in ("stranger", *ROLES):
        by_role[role] = product.add_person(role)
    for role in ROLES:
        product.make(f"/teams/{crew['id']}/members", {"user": role, "role": role})
    for visibility in VISIBILITIES:
        namespace = product.make("/namespaces", {"name": visibility, "team": "crew"})
        change = {"namespace": {"visibility": visibility}}
        answer = product.api("PUT", f"/namespaces/{namespace['id']}", change)
        assert answer.status_code == 200, answer.text
    return People(by_role)
