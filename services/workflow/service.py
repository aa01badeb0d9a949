"""The Nameko service of workflow: entrypoints only."""

from kernel.chassis.service import ChassisService


class WorkflowService(ChassisService):
    """Activation and termination applications, their forms' states, decisions and reminders."""

    name = "workflow"
