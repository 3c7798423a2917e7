"""Real data, small enough to ship: handwritten digits, a text, a time series.

Where each comes from, its licence and the command that made it: README.md beside the files.
"""

from __future__ import annotations

import io
import re
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from optim_lessons.contract import Array
from optim_lessons.problems.checks import finite, whole

SHA256 = {
    "digits.csv.gz": "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
    "alice.txt.gz": "205a40a06bf0cc4a418757fd101c268aedb93384c5d73605a14ec2320ef0c32c",
    "elnino.csv.gz": "0a565ff7d96f07cd9546208d766d56b99cad658d7ccc535f067460bae811bdde",
}


def read(name: str, path: str | PathLike[str] | None) -> str:
    """The text of a data file, from the package or from a copy of it at `path`."""
    # Here, for who reads no data shall not wait for them when the library is imported.
    import gzip
    import hashlib
    from importlib import resources

    file = resources.files("optim_lessons.problems") / "data" / name if path is None else Path(path)
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise ValueError(
            f"{file} ({len(content)} bytes) is damaged, or is not {name}: its SHA-256 is not "
            f"{SHA256[name]}"
        )
    return gzip.decompress(content).decode("ascii")


def digits(path: str | PathLike[str] | None = None) -> tuple[Array, NDArray[np.intp]]:
    """1797 handwritten digits: images x and what they show, y.

    Shapes: x (1797, 64), each row an image of 8 x 8 pixels from 0 (paper) to 1 (ink), float64;
    y (1797,), whole numbers from 0 to 9. The file has the pixels as whole numbers from 0 to 16.
    `path` names another copy of the file.
    Errors: ValueError for a damaged file; OSError for none.
    Source: Alpaydin and Kaynak 1998, UCI Machine Learning Repository, CC BY 4.0.

    Example:
        >>> x, y = digits()
        >>> for row in x[0].reshape(8, 8):
        ...     print("".join("  " if pixel < 0.3 else "##" for pixel in row).rstrip())
            ######
            ##########
            ##    ####
            ##    ####
          ####    ####
            ##    ####
            ########
            ######
        >>> int(y[0])
        0
    """
    table = np.loadtxt(io.StringIO(read("digits.csv.gz", path)), delimiter=",")
    return table[:, :64] / 16, table[:, 64].astype(np.intp)


def text(path: str | PathLike[str] | None = None) -> str:
    """Alice's Adventures in Wonderland, its twelve chapters in ASCII, as printed lines.

    `path` names another copy of the file.
    Errors: ValueError for a damaged file; OSError for none.
    Source: Lewis Carroll 1865, public domain.

    Example:
        >>> " ".join(text().split()[5:20])
        'Alice was beginning to get very tired of sitting by her sister on the bank,'
    """
    return read("alice.txt.gz", path)


def words(text: str) -> list[str]:
    """The words of an English text in their order, in small letters.

    Errors: TypeError for what is not a str.

    Example:
        >>> words("'Off with her head!' the Queen didn't say.")
        ['off', 'with', 'her', 'head', 'the', 'queen', "didn't", 'say']
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, not {text!r}")
    return re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())


def series(path: str | PathLike[str] | None = None) -> Array:
    """The temperature of the sea off Peru (Niño 1+2), monthly, from January 1950 to December 2010.

    Shapes: (732,), in degrees Celsius, float64. The seasons give the rhythm, El Niño breaks it.
    `path` names another copy of the file.
    Errors: ValueError for a damaged file; OSError for none.
    Source: ERSST.V3B of the US National Weather Service, public domain.

    Example:
        >>> celsius = series()
        >>> print(celsius.min(), celsius.mean().round(2), celsius.max())
        18.95 23.09 29.24
    """
    table = np.loadtxt(io.StringIO(read("elnino.csv.gz", path)), delimiter=",", skiprows=1)
    return table[:, 1:].ravel()  # a row is a year and its twelve months


def windows(series: ArrayLike, length: int) -> tuple[Array, Array]:
    """Each stretch of `length` values, and the value that comes next: x (n, length) and y (n,).

    Errors: ValueError for NaN, infinity, another number of axes than one, or a length below 1
    or that leaves no next value; TypeError for what is not a number.

    Example:
        >>> x, y = windows([1, 2, 3, 4, 5], length=3)
        >>> x, y
        (array([[1., 2., 3.],
               [2., 3., 4.]]), array([4., 5.]))
    """
    values = finite("series", series, axes=(1,))
    length = whole("length", length, 1, len(values) - 1)
    return sliding_window_view(values[:-1], length), values[length:]
