"""Results of the literature that the book reproduces: which tests hold each, and rows 14 and 15."""

import ast
from pathlib import Path

import numpy as np
import pytest

from optim_lessons import SGD
from optim_lessons.problems import MLP, digits

TESTS = Path(__file__).parent
ADAM, MOMENTUM, DESCENT = (
    f"test_chapter_{name}.py" for name in ("adam", "momentum", "gradient_descent")
)
RACE, ADAPTIVE, QUADRATICS = (
    "test_chapter_race.py",
    "test_numbers_adaptive.py",
    "test_numbers_quadratics.py",
)
# The rows of the project's list of results, in its order, and the tests that hold each number.
ROWS = {
    "1. Reddi, Kale and Kumar 2018, theorem 1: slopes 3, -1, -1; Adam ends at +1 and loses 2/3 a "
    "step, AMSGrad ends near -1 and its regret a step tends to 0": [
        f"{ADAPTIVE}::test_adam_ends_at_the_wrong_end_and_amsgrad_at_the_right_one",
        f"{ADAM}::test_adam_ends_at_the_wrong_end_of_reddi_kale_and_kumar_unless_beta2_is_large",
        "test_online.py::test_the_slopes_of_theorem_1_and_of_figure_1",
    ],
    "2. its figure 1: slopes 1010 and -10, a million steps; Adam at +1, AMSGrad at -0.997": [
        f"{ADAPTIVE}::test_figure_1_of_reddi_kale_and_kumar_after_a_million_steps",
    ],
    "3. Wilson et al. 2017: test error 0 by gradient descent and the heavy ball, 0.4 "
    "by Adagrad, RMSprop and Adam, all without training error": [
        f"{QUADRATICS}::test_adaptive_methods_fit_wilsons_labels_and_learn_nothing",
        f"{QUADRATICS}::test_adaptive_methods_give_every_weight_one_size_on_wilsons_problem",
        f"{QUADRATICS}::test_gradient_descent_ends_at_the_shortest_solution_of_wilsons_problem",
    ],
    "4. rates at condition number 100 (Lessard, Recht and Packard 2016, proposition 1): gradient "
    "descent 99/101, Nesterov 0.9 and tuned 0.885, heavy ball 9/11": [
        f"{DESCENT}::test_the_best_rate_at_condition_number_100_is_99_over_101",
        f"{QUADRATICS}::test_nesterovs_rate_at_condition_number_100",
        f"{QUADRATICS}::test_the_tuned_rate_of_nesterov_is_0_885_and_no_neighbour_is_better",
        f"{MOMENTUM}::test_the_best_heavy_ball_at_condition_number_100_has_the_rate_9_over_11",
        f"{MOMENTUM}::test_at_the_optimum_the_jordan_block_gives_the_closed_form_and_inflates_a_slope",
    ],
    "5. Lessard, Recht and Packard 2016, equation 4.11: the heavy ball cycles through 792/1225, "
    "-2208/1225 and 2592/1225": [
        f"{MOMENTUM}::test_the_heavy_ball_tuned_for_quadratics_cycles_on_a_convex_function",
        "test_quadratics.py::test_the_heavy_ball_maps_each_point_of_the_cycle_to_the_next",
    ],
    "6. Goh 2017: at momentum 0.9 complex eigenvalues from 0.00263 to 3.797, stable below 3.8": [
        f"{MOMENTUM}::test_at_momentum_09_the_roots_are_complex_from_00026_to_3797",
        f"{MOMENTUM}::test_momentum_is_stable_below_twice_one_plus_mu",
    ],
    "7. Nesterov's bound 2 L |x0 - x*|² / (k + 1)² on his tridiagonal quadratic (n = 101, L = 4, "
    "k = 50), and gradient descent above his method": [
        f"{QUADRATICS}::test_nesterovs_method_is_below_its_bound_and_below_gradient_descent",
        f"{QUADRATICS}::test_nesterovs_method_is_within_a_constant_of_the_lower_bound",
    ],
    "8. Kingma and Ba 2015, section 3: uncorrected, Adam's first step is 3.162 lr; corrected, lr": [
        f"{ADAM}::test_without_correction_the_first_step_is_3_162_lr_which_is_too_large",
        f"{ADAM}::test_the_first_step_is_lr_times_the_sign_of_the_gradient",
    ],
    "9. Kingma and Ba 2015, section 2.1: without epsilon a positive diagonal changes nothing, a "
    "rotation by 45 degrees does": [
        f"{ADAM}::test_rescaling_gradients_by_a_positive_diagonal_changes_nothing",
        "test_properties.py::test_without_epsilon_scaled_gradients_give_the_same_path",
        f"{ADAM}::test_a_rotation_by_45_degrees_changes_the_path_of_adam_but_not_of_gradient_descent",
    ],
    "10. Choi et al. 2019: with eps = 1e8 and lr/eps fixed, Adam is averaged momentum to 1e-8": [
        f"{ADAM}::test_with_a_huge_epsilon_adam_is_momentum_in_its_averaged_form",
        "test_properties.py::test_with_a_huge_epsilon_only_the_momentum_is_left",
    ],
    "11. Duchi, Hazan and Singer 2011: Adagrad's regret is at most sqrt(2) D times "
    "the sum of norms; FTRL from zero is Adagrad to 4e-16": [
        f"{ADAPTIVE}::test_adagrads_regret_stays_below_its_bound",
        "test_properties.py::test_ftrl_from_zero_is_adagrad_to_two_units_in_the_last_place_of_1",
    ],
    "12. the saddle x² - y²: gradient descent leaves after ln(1/y0) / ln 1.02 steps; RMSprop, Adam "
    "and Adagrad after one number of steps": [
        f"{DESCENT}::test_leaving_the_saddle_takes_log_of_one_over_y0_steps",
        f"{RACE}::test_scale_free_methods_leave_the_saddle_after_one_number_of_steps",
    ],
    "13. the noise floor of SGD with momentum, and sigma² / (lambda² T) at lr = 1 / (lambda t)": [
        f"{MOMENTUM}::test_the_noise_floor_is_that_of_theorem_3",
        f"{QUADRATICS}::test_the_noise_floor_of_each_eigenvalue",
        f"{QUADRATICS}::test_a_learning_rate_of_one_over_lambda_t_averages_the_noise_exactly",
    ],
    "14. gradients tau steps old are stable below 2 sin(pi / (4 tau + 2)): 2, 1, 0.618, 0.445": [
        "test_numbers.py::test_stale_gradients_are_stable_below_twice_the_sine_of_a_share_of_pi",
    ],
    "15. Cohen et al. 2021 (arXiv 2103.00065): full-batch gradient descent settles near 2/lr": [
        "test_numbers.py::"
        "test_full_batch_gradient_descent_sharpens_until_two_over_lr_and_stays_there",
    ],
    "16. conjugate gradients end after as many steps as there are eigenvalues (Nocedal and Wright "
    "2006, theorem 5.4); Newton-Schulz maps [0.01, 1] into [0.681, 1.135] (Jordan et al. 2024)": [
        "test_curvature.py::test_it_ends_after_as_many_steps_as_there_are_eigenvalues",
        "test_muon.py::test_singular_values_from_0_01_to_1_land_between_0_681_and_1_135",
    ],
    "17. first steps: Adadelta sqrt(eps / (1 - rho)), RMSprop lr / sqrt(1 - rho); AdamW without a "
    "gradient (1 - lr weight_decay)^t": [
        f"{ADAPTIVE}::"
        "test_adadeltas_first_step_on_a_large_gradient_is_the_root_of_epsilon_over_one_minus_rho",
        f"{ADAM}::test_rmsprop_does_not_correct_its_first_step_is_lr_over_root_one_minus_rho",
        f"{ADAPTIVE}::test_adamw_without_a_gradient_halves_the_weights_in_ln_2_over_lr_times_decay_steps",
        "test_properties.py::test_without_a_gradient_adamw_shrinks_the_weights_by_a_power",
    ],
    "18. a figure of PyTorch's tutorial, four optimizers on y = x² + 0.1 noise: the same curves": [
        "test_models.py::test_the_curves_of_the_tutorial_are_pytorchs",
    ],
}


@pytest.mark.parametrize("result", ROWS, ids=lambda result: result.split(".")[0])
def test_every_result_has_its_tests(result):
    assert ROWS[result]
    for place in ROWS[result]:
        file, name = place.split("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def test_the_list_of_results_has_eighteen_rows():
    assert [result.split(".")[0] for result in ROWS] == [str(k) for k in range(1, 19)]


def stale_descent(product, delay, steps):
    """Gradient descent on x**2 / 2 with gradients `delay` steps old, the first of them at 1."""
    optimizer, theta = SGD(lr=product), [np.ones(1)] * (delay + 1)
    for _ in range(steps):
        theta.append(optimizer.step(theta[-1], theta[-1 - delay], optimizer.init(theta[-1]))[0])
    return np.abs(np.concatenate(theta))


@pytest.mark.parametrize(("delay", "printed"), [(0, 2.0), (1, 1.0), (2, 0.618), (3, 0.445)])
def test_stale_gradients_are_stable_below_twice_the_sine_of_a_share_of_pi(delay, printed):
    """Asynchronous SGD on a quadratic: theta moves by -lr * lambda * theta of tau steps ago."""
    limit = 2 * np.sin(np.pi / (2 * (2 * delay + 1)))
    assert limit == pytest.approx(printed, abs=5e-4)
    below, above = (stale_descent(share * limit, delay, 20_000) for share in (0.99, 1.01))
    assert below[-100:].max() < 1e-9
    assert above[-100:].max() > 1e9
    # The same from the roots of z**(tau + 1) = z**tau - lr * lambda.
    for share, inside in ((0.999, True), (1.001, False)):
        polynomial = np.zeros(delay + 2)
        polynomial[0], polynomial[1] = 1, -1
        polynomial[-1] += share * limit
        assert (np.abs(np.roots(polynomial)).max() < 1) == inside


def sharpness(model, theta, products=60, h=1e-5):
    """The largest eigenvalue of the Hessian, by power iteration on differences of gradients."""
    v = np.random.default_rng(1).standard_normal(theta.size)
    for _ in range(products):
        v /= np.linalg.norm(v)
        product = (model.grad(theta + h * v) - model.grad(theta - h * v)) / (2 * h)
        largest, v = v @ product, product
    return largest


@pytest.mark.parametrize("lr", [0.1, 0.2])
def test_full_batch_gradient_descent_sharpens_until_two_over_lr_and_stays_there(lr):
    """A tanh network with squared error, as in Cohen et al. 2021, on fifty digits."""
    x, y = digits()
    rng = np.random.default_rng(0)
    hidden = (16, 16, 16)
    model = MLP(x[:50] / 16, 2 * np.eye(10)[y[:50]], hidden, activation="tanh", rng=rng)
    theta, optimizer = model.start, SGD(lr=lr)
    found, losses = [], []
    for step in range(8001):
        if step % 1000 == 0:
            found.append(sharpness(model, theta) / (2 / lr))
            losses.append(model.value(theta))
        theta, _ = optimizer.step(theta, model.grad(theta), optimizer.init(theta))
    assert found[0] < 0.3
    assert np.all(np.abs(np.array(found[2:]) - 1) < 0.15)
    assert np.abs(np.mean(found[2:]) - 1) < 0.08
    assert np.all(np.diff(losses) < 0)  # over a thousand steps, the loss still falls
