"""Methods that average the points of another one: their peers need a run of their own."""

from cases.table import Proof
from optim_lessons import SWA, Lookahead

CASES = {
    Lookahead: [
        Proof(
            "test_wrappers.py::test_lookahead_equals_optax_at_every_step",
            "fast and slow points of optax.lookahead around SGD, momentum and Adam",
        ),
        Proof(
            "test_wrappers.py::test_lookahead_is_the_two_loops_of_the_paper",
            "two nested loops, as in Zhang et al. 2019",
        ),
    ],
    SWA: [
        Proof(
            "test_wrappers.py::test_swa_equals_pytorchs_averaged_model_at_every_step",
            "torch.optim.swa_utils.AveragedModel, updated at the same steps",
        ),
        Proof(
            "test_wrappers.py::test_polyak_ruppert_is_the_mean_of_all_points_but_the_first",
            "the mean itself; Polyak and Juditsky 1992",
        ),
    ],
}
