"""Many runs at once: one optimizer with arrays as hyperparameters, one run a combination.

`grid.py` holds `sweep` and cuts the grid into blocks, `engines.py` the three ways to run a block,
`store.py` what makes a sweep resumable.
"""

from optim_lessons.sweep.grid import Sweep, SweepError, sweep

__all__ = ["Sweep", "SweepError", "sweep"]
