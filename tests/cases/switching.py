"""From one method to another: no library has SWATS."""

from cases.table import Proof
from optim_lessons import SWATS

CASES = {
    SWATS: [
        Proof(
            "test_swats.py::test_swats_is_algorithm_1_of_the_paper_at_every_step",
            "the pseudocode of Keskar and Socher 2017, algorithm 1, as a plain loop",
        ),
        Proof(
            "test_swats.py::test_after_the_switch_the_path_is_momentums",
            "Momentum at the rate found, from the point of the switch",
        ),
    ],
}
