"""Step three: which registry is meant, and what the policy grants of what was asked."""

from __future__ import annotations

from portus_auth.domain.limits import leave_the_catalog, within
from portus_auth.domain.policy import allowed_actions, may_list_catalog
from portus_auth.domain.scopes import Scopes
from portus_auth.realm.authenticate import Proven
from portus_auth.storage.facts import RegistryFacts, Snapshot
from portus_shared.errors import Malformed
from portus_shared.names import namespace_of

_SHOWN = 100


def registry_of(service: str, snapshot: Snapshot) -> RegistryFacts:
    """Return the registry that a token's audience will be.

    Without a `service` that is the only registry there is. Anything else is `Malformed`: a token
    for an unknown audience would sign in well and then fail at the registry without a reason.
    """
    registries = snapshot.registries
    if not service and len(registries) == 1:
        return next(iter(registries.values()))
    if service in registries:
        return registries[service]
    known = ", ".join(sorted(registries)) or "none yet"
    raise Malformed(f'Unknown service "{service[:_SHOWN]}"; the registries here are: {known}')


def authorize(proven: Proven, asked: Scopes, registry: RegistryFacts, snapshot: Snapshot) -> Scopes:
    """Return what the caller gets of what was asked, with the credential that was shown.

    Repositories without any action are left out.
    """
    actor, limits, granted = proven.actor, proven.limits, {}
    for repository, actions in asked.repositories.items():
        namespace = snapshot.namespace(registry, namespace_of(repository))
        allowed = allowed_actions(actor, namespace, snapshot.rules, repository) & actions
        allowed = within(limits, repository, allowed)
        if allowed:
            granted[repository] = allowed
    catalog = asked.catalog and may_list_catalog(actor) and leave_the_catalog(limits)
    return Scopes(repositories=granted, catalog=catalog)
