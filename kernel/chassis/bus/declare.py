"""``python -m kernel.chassis.bus.declare [service ...]``: creates every queue before the first message is sent.

A fact that is published before its consumer's queue exists reaches nobody. So the installation step that migrates the
schemas also runs this, as the broker's administrator, before any service starts. No other account may declare or bind.
"""

import sys
from collections.abc import Sequence

from amqp.exceptions import PreconditionFailed

from kernel.chassis.bus import links
from kernel.chassis.bus.events import declare as declare_events
from kernel.chassis.bus.events import topology_of, unwanted_of
from kernel.chassis.bus.rpc_server import declare_rpc
from kernel.chassis.process.life import service_class
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import topology


def declare(services: Sequence[str] = topology.SERVICES, settings: BusSettings | None = None) -> list[str]:
    """Declares what each service consumes and where it publishes. Returns one line per queue. Changes nothing twice.

    A service is named, or is a dotted package. A queue of an errand that was switched off goes, with what is in it.
    """
    lines: list[str] = []
    settings = settings or BusSettings()
    connection = links.connect(settings, "declare")
    try:
        channel = connection.channel()
        for name in services:
            _, service = service_class(name)
            short = str(service.name)  # type: ignore[attr-defined]
            declare_rpc(channel, short, settings.queue_type)
            channel.exchange_declare(topology.event_exchange(short), "topic", durable=True, auto_delete=False)
            lines.append(topology.rpc_queue(short))
            for source, types in topology_of(service).items():
                declare_events(channel, short, source, types, settings.queue_type)
                lines.append(f"{topology.consumer_queue(short, source)}: {len(types)} types")
            for source in unwanted_of(service):
                channel.queue_delete(topology.consumer_queue(short, source))  # one that does not exist is no error
    finally:
        connection.close()
    return lines


_OTHER_ARGUMENTS = """
A queue or an exchange stands already with other arguments, so nothing can be declared over it. What to do: see that no
message waits in it (rabbitmqctl list_queues name messages), delete it (rabbitmqctl delete_queue NAME), run this again.
"""


def main(services: Sequence[str]) -> int:
    try:
        lines = declare(services or topology.SERVICES)
    except PreconditionFailed as error:
        print(f"RabbitMQ refused: {error.reply_text}{_OTHER_ARGUMENTS}", file=sys.stderr)  # noqa: T201
        return 1
    print("\n".join(lines))  # noqa: T201  a command's answer
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
