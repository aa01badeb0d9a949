"""What crosses the wire: one exception, three texts."""

import orjson
import pytest

from kernel.chassis.bus import wire
from kernel.chassis.bus.wire import ServiceError
from kernel.model.errors import DomainError


def test_a_refusal_survives_the_way_there_and_back():
    error = ServiceError.of(DomainError("unit_malformed", field="unit", unit="9x"), "en")

    with pytest.raises(ServiceError) as caught:
        wire.read_reply(wire.error_body(error))

    assert (caught.value.code, caught.value.params) == ("unit_malformed", {"field": "unit", "unit": "9x"})
    assert "9x" in caught.value.detail


def test_a_reply_is_in_namekos_format():
    assert orjson.loads(wire.reply_body(b'{"a": 1}')) == {"result": {"a": 1}, "error": None}
    assert wire.read_reply(wire.reply_body(b"[1]")) == [1]
    assert orjson.loads(wire.request_body(b'{"a": 1}')) == {"args": [{"a": 1}], "kwargs": {}}


def test_an_error_of_somebody_elses_service_is_an_internal_error():
    body = orjson.dumps({"result": None, "error": {"exc_type": "MethodNotFound", "exc_args": ["x"], "value": "x"}})

    with pytest.raises(ServiceError) as caught:
        wire.read_reply(body)

    assert caught.value.code == "internal_error"
