"""The table of optimizers: how PyTorch, optax and Keras spell each of them, and where they differ.

One row an optimizer, in the file of its family. A peer is made from a NumPy optimizer by a mapping
of hyperparameters, and must equal that optimizer at every step. Where a library's formula is
another one, the row holds two peers of that library: one at hyperparameters for which the formulas
agree, and one whose NumPy `twin` states the library's formula, with `differs` in words. Where no
library has the method, the row names the test of an independent check.
"""

from cases import adam, adam_kin, adaptive, momentum, sign
from cases.table import Peer, Proof

CASES: dict[type, list[Peer | Proof]] = (
    momentum.CASES | adaptive.CASES | adam.CASES | adam_kin.CASES | sign.CASES
)

__all__ = ["CASES", "Peer", "Proof"]
