"""The service whose methods the modules beside this one declare."""

from kernel.contracts.method import Service

IMEI = Service("imei")
