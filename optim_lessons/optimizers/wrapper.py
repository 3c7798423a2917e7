"""What a method that wraps another one passes on from it."""

from typing import Any


class Wrapper:
    """The base of wrappers: what the inner method needs, couples and reports holds for the whole.

    A subclass is an optimizer with a field `inner`, any optimizer, and a state with a field
    `inner`, that optimizer's state. Its `step` hands on the oracle, which only some methods get.
    """

    inner: Any

    @property
    def needs(self) -> tuple[str, ...]:
        """What the inner method asks of the problem besides the gradient."""
        return getattr(self.inner, "needs", ())

    @property
    def couples(self) -> int:
        """How many of theta's last axes the inner method treats as one thing."""
        return getattr(self.inner, "couples", 0)

    def output(self, theta: Any, state: Any) -> Any:
        """The point that the inner method reports."""
        return reported(self.inner, theta, state.inner)


def reported(optimizer: Any, theta: Any, state: Any) -> Any:
    """The point that any optimizer reports: theta, or that of its `output`."""
    return optimizer.output(theta, state) if hasattr(optimizer, "output") else theta
