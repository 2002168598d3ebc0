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
    actor: ActorFacts, namespace: NamespaceFacts | None, action: Action, rules: Rules
) -> Explanation:
    """Explain one decision about a person, a robot or the anonymous."""
    given = grants(namespace, rules) if namespace else ()
    able = tuple(grant for grant in given if action in grant.actions)
    mine = tuple(grant for grant in able if fits(grant, actor)) if actor.enabled else ()
    if mine:
        return Explanation(granted_by=mine)
    open_rules = replace(rules, push_images=PushPolicy.ALLOW_TEAMS, delete_images=True)
    might = action in allowed_actions(actor, namespace, open_rules)
    switch = {Action.PUSH: "push_images", Action.DELETE: "delete_images"}.get(action)
    return Explanation(granted_by=(), needed=able, withheld_by=switch if might else None)


def fits(grant: Grant, actor: ActorFacts) -> bool:
    """Tell whether a grant is for this actor, as long as the account is enabled."""
    match grant.subject_kind:
        case "anonymous":
            return actor.kind == "anonymous"
        case "admin":
            return actor.admin
        case "user" | "robot":
            return actor.kind != "anonymous" and grant.subject in {"*", actor.name}
        case "team_role":
            team_id, _, role = grant.subject.partition(":")
            return actor.roles.get(int(team_id)) == role
