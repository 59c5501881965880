"""What calls from Python raise: every class is a ``TensorreelError`` whose message is one line."""

from tensorreel.core.errors import (
    Busy,
    Differs,
    EnvironmentProblem,
    Incomplete,
    InputError,
    Interrupted,
    TensorreelError,
    UsageProblem,
)

__all__ = [
    "Busy",
    "Differs",
    "EnvironmentProblem",
    "Incomplete",
    "InputError",
    "Interrupted",
    "TensorreelError",
    "UsageProblem",
]
