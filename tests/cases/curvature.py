"""Methods that know the curvature: they search or solve, so their runs are tests of their own."""

from cases.table import Proof
from optim_lessons import LBFGS, ConjugateGradient, Newton

CASES = {
    Newton: [
        Proof(
            "test_curvature.py::test_newton_is_quadratic_near_the_minimum_of_scipys_rosenbrock",
            "twice as many right digits at each step; Nocedal and Wright 2006, theorem 3.5",
        ),
        Proof(
            "test_curvature.py::test_newton_ends_on_a_quadratic_after_one_step",
            "the solution of the linear system",
        ),
    ],
    ConjugateGradient: [
        Proof(
            "test_curvature.py::test_exact_conjugate_gradients_equal_scipys_cg_at_every_step",
            "the iterates of scipy.sparse.linalg.cg",
        ),
        Proof(
            "test_curvature.py::test_it_ends_after_as_many_steps_as_there_are_eigenvalues",
            "as many steps as there are different eigenvalues",
        ),
        Proof(
            "test_curvature.py::test_they_reach_the_minimum_that_scipys_own_method_reaches",
            "the minimum of scipy.optimize.minimize(method='CG')",
        ),
    ],
    LBFGS: [
        Proof(
            "test_curvature.py::test_lbfgs_equals_pytorch_at_every_step",
            "torch.optim.LBFGS with strong Wolfe, points and evaluations",
        ),
        Proof(
            "test_curvature.py::test_the_inverse_hessian_is_scipys_at_every_step",
            "scipy.optimize.LbfgsInvHessProduct on the same pairs",
        ),
    ],
}
