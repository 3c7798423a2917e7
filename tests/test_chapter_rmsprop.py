"""The claims of the chapter RMSprop, each against the library."""

import numpy as np
import pytest
import torch
from streams import moves_on

from optim_lessons import SGD, Adagrad, RMSprop, minimize, problems

TEN = np.array([0.1] * 9 + [-0.9])  # Hinton's ten mini-batches


def parabola(curvature):
    return lambda x: float(curvature * x @ x / 2), lambda x: curvature * x


def arrivals(optimizer):
    """Steps until |theta - target| <= 0.1 for good, after each of eight jumps of the target."""
    theta, steps = np.zeros(1), []
    state = optimizer.init(theta)
    for target in [1.0, -1.0] * 4:
        last = 0
        for t in range(1, 401):
            theta, state = optimizer.step(theta, theta - target, state)
            last = t if abs(theta[0] - target) > 0.1 else last
        steps.append(last + 1)
    return steps


def test_adagrad_arrives_later_after_each_jump_and_rmsprop_does_not():
    adagrad, rmsprop = arrivals(Adagrad(lr=0.3)), arrivals(RMSprop(lr=0.02))
    assert adagrad == sorted(set(adagrad)) and adagrad[-1] > 5 * adagrad[1]
    assert len(set(rmsprop[2:])) == 1 and rmsprop[-1] < 1.1 * rmsprop[1]


def test_ten_gradients_cancel_in_gradient_descent_and_walk_by_eight_in_signs():
    assert moves_on(SGD(lr=1.0), TEN).sum() == pytest.approx(0, abs=1e-15)
    assert moves_on(RMSprop(lr=1.0, rho=0.0, eps=0), TEN).sum() == pytest.approx(-8)


@pytest.mark.parametrize("rho", [0.99, 0.999])
def test_the_drift_on_the_ten_gradients_is_twenty_thirds_of_one_minus_rho(rho):
    warm = RMSprop.State(v=0.09, g_bar=0.0, m=0.0)
    moves = moves_on(RMSprop(lr=1.0, rho=rho, eps=0), np.tile(TEN, 1500), warm)
    assert moves[-1000:].sum() / 100 == pytest.approx(-20 / 3 * (1 - rho), rel=0.01)


def test_rprop_without_limits_is_that_of_pytorch_while_no_sign_flips():
    # PyTorch sets the gradient to zero where its sign flips; before that the paths agree.
    p = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    rprop = torch.optim.Rprop([p], lr=1.0)
    for g in TEN[:9]:
        p.grad = torch.tensor([g], dtype=torch.float64)
        rprop.step()
    assert p.item() == pytest.approx(-sum(1.2**k for k in range(9)))
    drift = p.item() + 0.5 * 1.2**8  # the tenth step: half as long, the other way
    assert -drift == pytest.approx(18.649, abs=1e-3)


def streams():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=2000)
    yield noise
    yield np.ones(2000)
    yield noise * np.where(np.arange(2000) % 100 == 0, 100, 1e-3)
    yield 1.01 ** np.arange(2000)
    yield np.append(1.0, np.zeros(300))


@pytest.mark.parametrize("gradients", list(streams()))
@pytest.mark.parametrize("rho", [0.5, 0.9, 0.99])
def test_theorem_2_bounds_each_step_and_the_mean_square(gradients, rho):
    moves = moves_on(RMSprop(lr=1.0, rho=rho, eps=0), gradients)
    assert np.abs(moves).max() <= (1 - rho) ** -0.5 * (1 + 1e-12)
    weights = (1 - rho) * rho ** np.arange(len(gradients))[::-1]
    v_end, v_first = weights @ gradients**2, (1 - rho) * gradients[0] ** 2
    size = len(moves) * (1 - rho)
    bound = np.log(1 / rho) / (1 - rho) + (1 + np.log(v_end / v_first)) / size
    assert np.mean(moves**2) <= bound * (1 + 1e-12)


def test_the_first_step_is_the_longest_possible_whatever_the_noise():
    g = np.random.default_rng(0).normal(size=(1, 50))
    for rho in (0.9, 0.99):
        move = moves_on(RMSprop(lr=1.0, rho=rho, eps=0), g)
        assert np.abs(move) == pytest.approx((1 - rho) ** -0.5)


def test_on_a_constant_gradient_the_excess_is_about_2_ln_2_over_one_minus_rho():
    rho = 0.9999
    t = np.arange(1, 200_001)
    excess = np.sum((1 - rho**t) ** -0.5 - 1)
    assert excess == pytest.approx(2 * np.log(2) / (1 - rho), rel=0.02)
    moves = moves_on(RMSprop(lr=1.0, rho=0.99, eps=0), np.full(300, 7.0))
    assert -moves == pytest.approx((1 - 0.99 ** t[:300]) ** -0.5)


def test_with_rho_1_minus_1_over_t_and_lr_over_root_t_it_is_adagrad():
    gradients = np.random.default_rng(1).normal(size=(60, 3))
    expected = moves_on(Adagrad(lr=0.1, eps=0), gradients)
    state, zero = RMSprop().init(np.zeros(3)), np.zeros(3)
    for t, g in enumerate(gradients, start=1):
        optimizer = RMSprop(lr=0.1 / t**0.5, rho=1 - 1 / t, eps=0)
        move, state = optimizer.step(zero, g, state)
        assert move == pytest.approx(expected[t - 1], rel=1e-12)


@pytest.mark.parametrize("lr", [0.1, 0.01])
@pytest.mark.parametrize("curvature", [1.0, 100.0])
@pytest.mark.parametrize("rho", [0.5, 0.9])
def test_the_swing_has_the_amplitude_of_half_the_learning_rate(lr, curvature, rho):
    end = minimize(RMSprop(lr, rho=rho, eps=0), parabola(curvature), [1.0], 800).theta[-2:, 0]
    assert np.abs(end) == pytest.approx(lr / 2, rel=1e-6)
    assert end[0] == pytest.approx(-end[1], rel=1e-6)


def test_epsilon_shortens_the_swing_and_ends_it_beyond_half_of_lr_times_curvature():
    lr, curvature = 0.1, 4.0
    for eps in (0.05, 0.15):
        path = minimize(RMSprop(lr, rho=0.9, eps=eps), parabola(curvature), [1.0], 4000)
        assert abs(path.theta[-1, 0]) == pytest.approx(lr / 2 - eps / curvature, rel=1e-6)
    path = minimize(RMSprop(lr, rho=0.9, eps=0.21), parabola(curvature), [1.0], 4000)
    assert abs(path.theta[-1, 0]) < 1e-12
    assert np.all(np.diff(np.abs(path.theta[:, 0])) <= 0)


@pytest.mark.parametrize("eps", [0.0, 0.3, 1.2])
@pytest.mark.parametrize("rho", [0.05, 0.2, 0.9, 0.99])
def test_the_map_near_the_swing_has_the_stated_matrix(rho, eps):
    lr, curvature, h = 1.0, 3.0, 1e-6
    optimizer, a = RMSprop(lr, rho=rho, eps=eps), lr / 2 - eps / curvature
    kappa = curvature * a / (curvature * a + eps)

    def once(x, y):
        v = curvature**2 * a**2 * (1 + y)
        theta = np.array([a * (1 + x)])
        new, state = optimizer.step(theta, curvature * theta, RMSprop.State(v, 0.0, 0.0))
        return np.array([-new[0] / a - 1, state.v[0] / (curvature * a) ** 2 - 1])

    matrix = np.array([once(h, 0) - once(-h, 0), once(0, h) - once(0, -h)]).T / (2 * h)
    stated = [[1 - 2 * kappa * (1 - rho), -kappa * rho], [2 * (1 - rho), rho]]
    assert matrix == pytest.approx(np.array(stated), abs=1e-6)
    radius = np.abs(np.linalg.eigvals(matrix)).max()
    assert radius < 1
    if rho > 1 / 9 and eps == 0:
        assert radius == pytest.approx(rho**0.5, abs=1e-6)


def test_in_the_ravine_the_loss_ends_at_the_sum_of_curvatures_times_lr_squared_over_8():
    path = minimize(RMSprop(0.1, rho=0.9), problems.ravine, steps=500)
    assert path.value[-1] == pytest.approx(21 * 0.1**2 / 8, rel=1e-4)


def test_a_short_memory_goes_to_the_worst_end_and_a_long_one_to_the_best():
    problem = problems.RareLargeGradient()
    for rho, end in ((0.1, 1), (0.99, -1)):
        path = minimize(RMSprop(0.01, rho=rho), problem, steps=4500, project=problem.project)
        assert path.theta[-900:, 0].mean() == pytest.approx(end, abs=0.02)


def test_the_centred_form_grows_exponentially_on_a_constant_gradient():
    moves = -moves_on(RMSprop(lr=1.0, centered=True), np.ones(1000))
    t = np.arange(1, 1001)
    assert moves == pytest.approx((0.99**t * (1 - 0.99**t)) ** -0.5, rel=1e-4)


def test_the_centred_form_ends_in_not_a_number_here_and_in_pytorch():
    gradients = np.random.default_rng(2).uniform(0.1, 1, size=400)
    with np.errstate(invalid="ignore"):
        ours = moves_on(RMSprop(lr=1.0, centered=True), np.tile(gradients, (4000, 1)))
    p = torch.zeros(400, dtype=torch.float64, requires_grad=True)
    theirs = torch.optim.RMSprop([p], lr=1.0, alpha=0.99, centered=True)
    p.grad = torch.tensor(gradients)
    for _ in range(4000):
        theirs.step()
    # In how many of the 400 runs, is a matter of rounding.
    assert np.isnan(ours).any()
    assert torch.isnan(p).any()
    assert p.detach().nan_to_num().abs().max() > 1e9  # and the others went as far as this


def test_epsilon_inside_and_its_square_outside_differ_by_at_most_root_two():
    r, eps = np.geomspace(1e-6, 1e6, 1001), 1.0
    ratio = (r + eps) / (r**2 + eps**2) ** 0.5
    assert ratio.min() >= 1
    assert ratio.max() == pytest.approx(2**0.5)
    assert r[ratio.argmax()] == pytest.approx(eps)


def test_exercise_1_takes_59_and_521_steps():
    for rho, steps in ((0.9, 59), (0.99, 521)):
        v = 1.0
        for _ in range(50):
            v = rho * v + (1 - rho) * 100
        for _ in range(steps - 1):
            v = rho * v + (1 - rho)
        assert v**0.5 >= 1.1
        assert (rho * v + 1 - rho) ** 0.5 < 1.1
