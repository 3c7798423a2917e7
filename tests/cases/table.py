"""What a row of the table is made of."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import keras
import torch

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)  # else NAdam's product of momenta is kept in float32

# So small that it does not matter where epsilon stands, and still no 0/0.
TINY = 1e-300


class Peer(NamedTuple):
    """An optimizer of a library, `make(twin)`, and the NumPy optimizer that it must equal."""

    library: str
    make: Callable[[Any], Any]
    twin: Any
    differs: str = ""  # how the library's formula, stated by `twin`, differs from ours
    constant_rate: bool = False  # whether the two are equal only while the learning rate is


class Proof(NamedTuple):
    """An independent check: no library has the method, or its runs need a test of their own."""

    test: str  # "test_file.py::test_name"
    claim: str  # what is compared, and the source
