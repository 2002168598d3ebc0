"""What the distributed form consists of, in the order in which it starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from portus_standalone.child import Child
from portus_standalone.distributed import broker, services
from portus_standalone.distributed.broker import BrokerPrograms
from portus_standalone.distributed.front import front
from portus_standalone.distributed.ports import BROKER, SERVERS, WORKERS, Ports, keep_ports
from portus_standalone.options import Options
from portus_standalone.state import Secrets, State

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distributed:
    """The programs and ports it takes; `programs` is None where a broker was named."""

    options: Options
    state: State
    programs: BrokerPrograms | None
    ports: Ports

    @classmethod
    def prepare(cls, options: Options, state: State, say: Say) -> Self:
        """Find what is needed; raise `Refusal` when something is missing."""
        programs = None if options.bus else broker.find_broker()
        names = [*SERVERS, *WORKERS, *(BROKER if programs else ())]
        taken = {options.listen.port, options.registry_listen.port}
        ports = keep_ports(state.ports, names, taken=taken, say=say)
        return cls(options=options, state=state, programs=programs, ports=ports)

    def stages(self, secrets: Secrets, registry: Child | None, say: Say) -> list[list[Child]]:
        """Return the children; those of one stage start and stop together."""
        self.state.bells.mkdir(mode=0o700, exist_ok=True)
        settings = services.environs(self.options, self.state, secrets, self.ports)
        store = [*services.migrations(settings), *([registry] if registry else [])]
        serving = [
            *services.servers(settings, self.ports),
            *services.workers(settings, self.ports),
        ]
        last = [front(self.options, self.state, self.ports, say)]
        if self.programs is None:
            return [store, serving, last]
        home = self.state.broker
        store.insert(0, broker.node(self.programs, home, self.ports, secrets.broker))
        serving += broker.elections(self.programs, home, self.ports)
        return [[broker.port_mapper(self.programs, home, self.ports)], store, serving, last]
