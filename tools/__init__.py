"""What builds and serves the book; run as `python -m tools.build`."""


class BuildError(Exception):
    """The book cannot be built: the message says where and why."""
