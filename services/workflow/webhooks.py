"""Posts every form that moved, and every warning of usage, to the address that operators gave, signed (WFL-03, TRF-07).

An errand of the chassis: outside of transactions, at least once, tried again and parked as all messages are. The
receiver tells repeats by Idempotency-Key, the event's message id, and us from others by the signature (README).
"""

import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

import orjson

from kernel.chassis.bus.inbox import HopelessError
from kernel.chassis.process.certificates import trusted
from kernel.contracts.envelope import Envelope
from kernel.contracts.traffic.events import UsageWarned
from kernel.contracts.workflow.events import FormMoved
from services.workflow import notices
from services.workflow.settings import WebhookSettings

_LATER = frozenset({408, 425, 429})
_SHOWN = 200


def post_moved(event: FormMoved, envelope: Envelope, *, settings: WebhookSettings) -> None:
    """Returns when the receiver took it (2xx).

    Raises HopelessError for an answer that would be the same again (redirects too, which are never followed),
    ConnectionError or TimeoutError for what may pass later.
    """
    _sign_and_post(content(event, envelope), envelope, settings)


def post_warned(event: UsageWarned, envelope: Envelope, *, settings: WebhookSettings) -> None:
    """As post_moved: the rule, the period and the cards, bytes or days."""
    said = {"event": event.TYPE, "message_id": str(envelope.message_id), **event.model_dump(mode="json")}
    _sign_and_post(said, envelope, settings)


def _sign_and_post(said: dict[str, Any], envelope: Envelope, settings: WebhookSettings) -> None:
    body = orjson.dumps(said)
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "SimKeep",
        "Idempotency-Key": str(envelope.message_id),
        "X-SimKeep-Timestamp": timestamp,
        "X-SimKeep-Signature": "sha256=" + sign(settings.secret.get_secret_value(), timestamp, body),
    }
    _post(body, headers, settings)


def content(event: FormMoved, envelope: Envelope) -> dict[str, str | None]:
    """What is posted; receivers must ignore fields that they do not know."""
    chinese, english = notices.TEXTS["form_moved"]
    said = notices.moved_params(
        event.number, event.action, to_state=event.to_state, by_name=event.by_name, opinion=event.opinion
    )
    return {
        "event": event.TYPE,
        "message_id": str(envelope.message_id),
        "number": event.number,
        "kind": event.kind,
        "unit": event.unit,
        "action": event.action,
        "from_state": event.from_state,
        "state": event.to_state,
        "by": event.by,
        "by_name": event.by_name,
        "opinion": event.opinion,
        "at": event.at.isoformat(),
        "text_zh": chinese.format(**said),
        "text_en": english.format(**said),
    }


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over timestamp, a full stop and the body; hex."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _post(body: bytes, headers: dict[str, str], settings: WebhookSettings) -> None:
    """One try. Of the answer only the status is read, and of a refusal its first bytes."""
    import httpx  # noqa: PLC0415  14 MiB that a service without a webhook does not need

    timeout = httpx.Timeout(settings.answer_seconds, connect=settings.connect_seconds)
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, verify=trusted()) as client,
            client.stream("POST", settings.url, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
            if status in _LATER or status >= 500:
                raise ConnectionError(f"the receiver answered HTTP {status}")
            if not 200 <= status < 300:
                raise HopelessError(f"the receiver answered HTTP {status}: {_beginning(answer.iter_raw(_SHOWN))}")
    except httpx.TimeoutException:
        raise TimeoutError(f"the receiver did not answer in time ({settings.answer_seconds:g} s)") from None
    except httpx.TransportError as error:
        raise ConnectionError(f"the receiver could not be reached ({type(error).__name__})") from None


def _beginning(chunks: Iterator[bytes]) -> str:
    return next(chunks, b"")[:_SHOWN].decode(errors="replace")
