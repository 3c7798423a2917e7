"""What builds and serves the book; run as `python -m tools.build`."""
