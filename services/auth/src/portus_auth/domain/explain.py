"""Why somebody may do something, or what they would need: the policy's grants, sorted by reader.

A property test holds this to `policy.allowed_actions`, by which tokens are decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from portus_auth.domain.policy import (
    Action,
    ActorFacts,
    Grant,
    NamespaceFacts,
    allowed_actions,
    grants,
)
from portus_auth.domain.rules import PushPolicy, Rules
from portus_shared.names import path_in_namespace
from portus_shared.scopes import lies_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The grants by which somebody may act; where there are none, those that others act by.

    `withheld_by` is the switch (a field of `Rules`) without which the actor might.
    """

    granted_by: tuple[Grant, ...]
    needed: tuple[Grant, ...] = ()
    withheld_by: str | None = None

    @property
    def allowed(self) -> bool:
        """Tell whether the action is allowed."""
        return bool(self.granted_by)


def explain(
    actor: ActorFacts,
    namespace: NamespaceFacts | None,
    action: Action,
    rules: Rules,
    repository: str | None = None,
) -> Explanation:
    """Explain one decision about a person, a robot or the anonymous."""
    robots = (actor,) if actor.kind == "robot" else ()
    given = grants(namespace, rules, robots) if namespace else ()
    able = tuple(each for each in given if action in each.actions and reaches(each, repository))
    mine = tuple(grant for grant in able if fits(grant, actor)) if actor.enabled else ()
    if mine:
        return Explanation(granted_by=mine)
    open_rules = replace(rules, push_images=PushPolicy.ALLOW_TEAMS, delete_images=True)
    might = action in allowed_actions(actor, namespace, open_rules, repository)
    switch = {Action.PUSH: "push_images", Action.DELETE: "delete_images"}.get(action)
    return Explanation(granted_by=(), needed=able, withheld_by=switch if might else None)


def reaches(grant: Grant, repository: str | None) -> bool:
    """Tell whether a grant is for a repository of its namespace; None is any."""
    return repository is None or lies_below(grant.path_prefix, path_in_namespace(repository))


def fits(grant: Grant, actor: ActorFacts) -> bool:
    """Tell whether a grant is for this actor, as long as the account is enabled."""
    match grant.subject_kind:
        case "anonymous":
            return actor.kind in {"anonymous", "robot"}
        case "robot":
            return actor.kind == "robot" and grant.subject == actor.name
        case "admin":
            return actor.kind == "user" and actor.admin
        case "user":
            return actor.kind == "user" and grant.subject in {"*", actor.name}
        case "team_role":
            team_id, _, role = grant.subject.partition(":")
            return actor.kind == "user" and actor.roles.get(int(team_id)) == role
