"""Orders keep devices, and are cancelled (IME-19). A reservation is not a state: it ends by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.acts import SerialAnswer
from kernel.contracts.imei.orders import (
    LIST_RESERVATIONS,
    RELEASE_RESERVATION,
    CancelRedemption,
    ListReservations,
    ReleaseReservation,
    Reservation,
    ReserveSerial,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import REDEMPTION_KINDS
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.imei import organisations
from services.imei.bulk import Free, choose, in_province, require_action
from services.imei.codes import of_device, written
from services.imei.lifecycle import SerialAction
from services.imei.movement import Note, note_change, restore
from services.imei.redemption import may_be_redeemed
from services.imei.settings import registry_settings
from services.imei.tables import reservations

_R = reservations.c
_CANCELS = {"terminal": SerialAction.CANCEL_TERMINAL, "airtime": SerialAction.CANCEL_AIRTIME}
_KEEP = """
INSERT INTO reservations (device_id, kind, organisation, unit, order_no, at, expires_at, by_name)
VALUES (:device_id, :kind, :organisation, :unit, :order_no, :at, :expires_at, :by_name)
ON CONFLICT (device_id) DO UPDATE SET kind = excluded.kind, organisation = excluded.organisation,
    unit = excluded.unit, order_no = excluded.order_no, at = excluded.at, expires_at = excluded.expires_at,
    by_name = excluded.by_name
"""
_LIVE = """
SELECT unit, organisation FROM reservations WHERE device_id = :id AND order_no = :order_no AND expires_at > :now
"""
_REDEEMED = """
SELECT version, kind, organisation FROM redemptions
WHERE device_id = :id AND order_no = :order_no AND cancelled_version IS NULL
"""
_CANCELLED = """
UPDATE redemptions SET cancelled_version = :cancelled WHERE device_id = :id AND version = :version
"""


def reserve(tx: Tx, request: ReserveSerial, *, by: Actor, now: datetime) -> Reservation:
    """Raises serial_reserved by another order, and whatever would refuse the redemption itself."""
    place = organisations.active(tx, request.organisation, by)
    judge = may_be_redeemed(request.kind, request.organisation)
    chosen = choose(tx, [request.serial], judge, seen=in_province(by), free=Free(now, request.order_no))
    chosen.require_all()
    device_id = next(iter(chosen.rows))
    days = request.days or registry_settings().serial_reservation_days
    kept = {
        **request.model_dump(include={"kind", "organisation", "order_no"}),
        "unit": place.unit, "at": now, "expires_at": now + timedelta(days=days), "by_name": by.name,
    }  # fmt: skip
    tx.execute(_KEEP, {**kept, "device_id": device_id})
    return Reservation(serial=written(device_id), can=["release"], **kept)


def release(tx: Tx, request: ReleaseReservation, *, by: Actor, now: datetime) -> SerialAnswer:
    """Raises reservation_not_found, also when it has expired."""
    chosen = choose(tx, [request.serial], lambda _: None, seen=in_province(by))
    chosen.require_all()
    known = {"id": next(iter(chosen.rows)), "order_no": request.order_no, "now": now}
    kept = tx.execute(_LIVE, known).one_or_none()
    if kept is None or not is_within(kept.unit, by.unit) or not organisations.in_house(tx, kept.organisation, by):
        raise DomainError("reservation_not_found", number=request.order_no)
    tx.execute("DELETE FROM reservations WHERE device_id = :id", {"id": known["id"]})
    return chosen.answer()


def cancel(tx: Tx, request: CancelRedemption, *, by: Actor, now: datetime) -> SerialAnswer:
    """The device is what it was before the redemption. Raises redemption_not_found, redemption_moved_on."""
    chosen = choose(
        tx, [request.serial], lambda device: require_action(device, SerialAction.CANCEL_TERMINAL), seen=in_province(by)
    )
    chosen.require_all()
    device_id, device = next(iter(chosen.devices.items()))
    redeemed = tx.execute(_REDEEMED, {"id": device_id, "order_no": request.order_no}).one_or_none()
    if redeemed is None:
        raise DomainError("redemption_not_found", number=request.order_no)
    organisations.own(tx, redeemed.organisation, by)
    if redeemed.version != device.version:
        raise DomainError("redemption_moved_on")
    change_id = note_change(tx, by, now, Note(reason=request.reason, document=request.order_no))
    restore(tx, _CANCELS[redeemed.kind], {device_id: device.version}, change_id, now)
    marks = {"id": device_id, "version": redeemed.version, "cancelled": device.version + 1}
    tx.execute(_CANCELLED, marks)
    return chosen.answer()


def _matching(asked: Asked[ListReservations]) -> Select[Any]:
    request = asked.request
    return select(reservations).where(
        scope(_R.unit, request.unit, asked.by),
        *organisations.of_house(_R.organisation, asked),
        _R.expires_at > asked.now,
        *equals(request, {"organisation": _R.organisation, "order_no": _R.order_no}),
        *of_device(_R.device_id, request.serial),
    )


def _items(asked: Asked[ListReservations], rows: Rows) -> list[Reservation]:
    can = ["release"] if RELEASE_RESERVATION.allows(asked.by.permissions) else []
    return [
        Reservation(
            serial=written(row.device_id), kind=row.kind, organisation=row.organisation, unit=row.unit,
            order_no=row.order_no, at=row.at, expires_at=row.expires_at, by_name=row.by_name, can=can,
        )
        for row in rows
    ]  # fmt: skip


RESERVATIONS = SelectList(
    method=LIST_RESERVATIONS,
    title="订单预留",
    resource="serial-reservations",
    matching=_matching,
    items=_items,
    key=(_R.expires_at, _R.device_id),
    sorts={"expires_at": _R.expires_at},
    columns=(
        Column("order_no", "订单号", kind="code"),
        Column("serial", "串码", kind="code"),
        Column("kind", "补贴类型", words=chinese(REDEMPTION_KINDS)),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("at", "预留时间"),
        Column("expires_at", "到期时间"),
        Column("by_name", "操作人"),
    ),
)
