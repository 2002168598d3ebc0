"""Administrative permissions: who may see and change users, teams and namespaces.

`role` is the actor's role in the team in question, None for strangers; `rules` are the
installation's switches, which admins stand above, except that nobody deletes where deletion is
off. What somebody may do with images (pull, push, delete) is decided in `domain.policy` alone:
who may not push may still describe what is theirs.
"""

from __future__ import annotations

from portus_auth.domain.actors import Actor
from portus_auth.domain.roles import Role, Visibility
from portus_auth.domain.rules import Rules


def may_manage_users(actor: Actor) -> bool:
    """Tell whether the actor may list, create and change accounts."""
    return actor.admin


def may_manage_registries(actor: Actor) -> bool:
    """Tell whether the actor may see where the registries are."""
    return actor.admin


def may_manage_tokens(actor: Actor, *, owner_id: int) -> bool:
    """Tell whether the actor may list, create and delete this account's application tokens."""
    return actor.admin or (actor.is_signed_in and actor.user_id == owner_id)


def may_create_team(actor: Actor, rules: Rules, *, owner_id: int | None) -> bool:
    """Tell whether the actor may create a team; making somebody else its owner takes an admin."""
    if actor.admin:
        return True
    return rules.create_team and actor.is_signed_in and owner_id in {None, actor.user_id}


def may_see_team(actor: Actor, role: Role | None, *, hidden: bool) -> bool:
    """Tell whether the actor may see a team; hidden ones are nobody's to see."""
    return not hidden and (actor.admin or role is not None)


def may_manage_team(actor: Actor, role: Role | None, rules: Rules, *, hidden: bool) -> bool:
    """Tell whether the actor may rename a team and change who is in it."""
    return not hidden and (actor.admin or (rules.manage_team and role is Role.OWNER))


def may_delete_team(actor: Actor, role: Role | None, rules: Rules, *, hidden: bool) -> bool:
    """Tell whether the actor may delete a team."""
    return rules.delete_images and not hidden and (actor.admin or role is Role.OWNER)


def may_create_namespace(actor: Actor, role: Role | None, rules: Rules, *, hidden: bool) -> bool:
    """Tell whether the actor may create a namespace in a team."""
    may = actor.admin or (rules.create_namespace and _reaches(role, Role.CONTRIBUTOR))
    return not hidden and may


def may_see_namespace(actor: Actor, role: Role | None, visibility: Visibility) -> bool:
    """Tell whether the actor may see a namespace: exactly those who may pull from it."""
    if actor.admin or role is not None or visibility is Visibility.PUBLIC:
        return True
    return actor.is_signed_in and visibility is Visibility.PROTECTED


def may_manage_namespace(actor: Actor, role: Role | None, rules: Rules) -> bool:
    """Tell whether the actor may describe a namespace, or hand it to another team."""
    return actor.admin or (rules.manage_namespace and role is Role.OWNER)


def may_manage_robots(actor: Actor, role: Role | None) -> bool:
    """Tell whether the actor may see and change robots; global ones, without role, are admins'."""
    return actor.admin or role is Role.OWNER


def may_audit_namespace(actor: Actor, role: Role | None) -> bool:
    """Tell whether the actor may know who else may do what in a namespace."""
    return actor.admin or role is Role.OWNER


def may_delete_namespace(actor: Actor, role: Role | None, rules: Rules) -> bool:
    """Tell whether the actor may delete a namespace of a team."""
    deleter = Role.CONTRIBUTOR if rules.contributors_delete else Role.OWNER
    return rules.delete_images and (actor.admin or _reaches(role, deleter))


def may_adopt_namespace(actor: Actor) -> bool:
    """Tell whether the actor may see and bring back deleted namespaces, whose names are held."""
    return actor.admin


def may_change_visibility(
    actor: Actor, role: Role | None, rules: Rules, *, is_global: bool
) -> bool:
    """Tell whether the actor may change a namespace's visibility; the global one takes an admin."""
    return actor.admin or (rules.change_visibility and role is Role.OWNER and not is_global)


def may_transfer_to(actor: Actor, role: Role | None, rules: Rules, *, hidden: bool) -> bool:
    """Tell whether a namespace may come into a team: the same right as creating one there."""
    return may_create_namespace(actor, role, rules, hidden=hidden)


def _reaches(role: Role | None, needed: Role) -> bool:
    return role is not None and role.reaches(needed)
