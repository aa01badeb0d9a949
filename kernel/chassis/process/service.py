"""The base of every service: relay, jobs, exports, parking and housekeeping; the service adds its own entrypoints."""

from datetime import datetime
from typing import Any

from kernel.chassis.bus.relay import Relay
from kernel.chassis.bus.rpc_server import Call, rpc_method
from kernel.chassis.data import housekeeping
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import operations
from kernel.chassis.process.timers import Every, timer
from kernel.contracts import operations as contract


class ChassisService:
    """A Nameko service. Subclasses set ``name`` to the service's (and its schema's) name."""

    name: str
    relay: Any = Relay()

    @rpc_method(contract.GET_JOB)
    def get_job(self, call: Call, request: contract.JobRequest) -> contract.Job:
        return operations.get_job(call, request)

    @rpc_method(contract.LIST_JOBS)
    def list_jobs(self, call: Call, request: contract.ListJobsRequest) -> Any:
        return operations.list_jobs(call, request)

    @rpc_method(contract.JOB_ROWS)
    def job_rows(self, call: Call, request: contract.JobRowsRequest) -> Any:
        return operations.job_rows(call, request)

    @rpc_method(contract.CANCEL_JOB)
    def cancel_job(self, call: Call, request: contract.JobRequest) -> contract.Job:
        return operations.cancel_job(call, request)

    @rpc_method(contract.RETRY_JOB)
    def retry_job(self, call: Call, request: contract.JobRequest) -> contract.JobStarted:
        return operations.retry_job(call, request)

    @rpc_method(contract.LIST_EXPORTS)
    def list_exports(self, call: Call, request: contract.ListExportsRequest) -> contract.ExportResources:
        return operations.list_exports(call, request)

    @rpc_method(contract.START_EXPORT)
    def start_export(self, call: Call, request: contract.StartExportRequest) -> contract.JobStarted:
        return operations.start_export(call, request)

    @rpc_method(contract.LIST_PARKED)
    def list_parked(self, call: Call, request: contract.ListParkedRequest) -> Any:
        return operations.list_parked(call, request)

    @rpc_method(contract.REPLAY_PARKED)
    def replay_parked(self, call: Call, request: contract.ParkedSelection) -> contract.ParkedDone:
        return operations.replay_parked(call, request)

    @rpc_method(contract.DROP_PARKED)
    def drop_parked(self, call: Call, request: contract.ParkedSelection) -> contract.ParkedDone:
        return operations.drop_parked(call, request)

    @timer("housekeeping", Every(seconds=600))
    def keep_house(self, tx: Tx, due_at: datetime) -> None:
        housekeeping.sweep(tx)
