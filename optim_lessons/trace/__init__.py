"""Read an optimizer's step once; print it as equations, as JavaScript and for Numba."""

from optim_lessons.trace.graph import (
    FunctionTrace,
    Node,
    StepTrace,
    trace_function,
    trace_schedule,
    trace_step,
)

__all__ = ["FunctionTrace", "Node", "StepTrace", "trace_function", "trace_schedule", "trace_step"]
