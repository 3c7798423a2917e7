"""The claims of the chapter Adam, each against the library."""

import dataclasses

import numpy as np
import pytest
from streams import downhill

from optim_lessons import SGD, Adam, Momentum, RMSprop, minimize, problems


def without_correction(adam, theta):
    """A state whose clock is so old that both corrections are 1."""
    return adam.init(theta)._replace(t=10**6)


def bound(beta1, beta2):
    return (1 - beta1) / np.sqrt((1 - beta2) * (1 - beta1**2 / beta2))


def turn(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s], [s, c]])


def run_turned(optimizer, problem, degrees, start, steps):
    """The path on a turned surface, told in the coordinates of the surface itself."""
    q = turn(degrees)
    seen = (lambda z: problem.value(q @ z), lambda z: q.T @ problem.grad(q @ z))
    return minimize(optimizer, seen, q.T @ np.array(start), steps).theta @ q.T


def steps_to_leave_the_saddle(optimizer, offset, degrees=0):
    path = run_turned(optimizer, problems.saddle, degrees, (1.0, offset), 1400)
    return int(np.flatnonzero(np.abs(path[:, 1]) >= 1)[0])


def test_the_first_step_is_lr_times_the_sign_of_the_gradient():
    for size in (1e-3, 1.0, 1e6):
        g = np.array([[size, -size]])
        np.testing.assert_allclose(downhill(Adam(), g), np.sign(g), rtol=2e-5)


def test_without_correction_the_first_step_is_3_162_lr_which_is_too_large():
    adam = Adam(eps=0.0)
    uncorrected = downhill(adam, np.ones(5000), without_correction(adam, 0.0))
    assert uncorrected[0] == pytest.approx((1 - 0.9) / np.sqrt(1 - 0.999), rel=1e-12)
    assert uncorrected[0] == pytest.approx(3.162, abs=1e-3)
    assert uncorrected.argmax() + 1 == 12 and uncorrected.max() > 6.5
    np.testing.assert_allclose(downhill(adam, np.ones(5000)), 1, rtol=1e-12)


def test_rmsprop_does_not_correct_its_first_step_is_lr_over_root_one_minus_rho():
    rmsprop = RMSprop(rho=0.96, eps=0.0)
    assert downhill(rmsprop, [7.0])[0] == pytest.approx(1 / np.sqrt(1 - 0.96), rel=1e-12)


def test_one_change_of_sign_almost_stops_adam():
    second = downhill(Adam(eps=0.0), [5.0, -5.0])[1]
    assert second == pytest.approx((0.9 - 1) / (1 + 0.9), rel=1e-12)


@pytest.mark.parametrize("beta", [0.9, 0.999])
def test_the_corrected_average_of_a_drifting_gradient_lags_as_derived(beta):
    adam, drift = Adam(beta1=beta), 0.3
    state = adam.init(0.0)
    for t in range(1, 200):
        g = drift * t
        _, state = adam.step(0.0, g, state)
        lag = g - state.m / (1 - beta**t)
        assert lag == pytest.approx(
            drift * (beta / (1 - beta) - t * beta**t / (1 - beta**t)), rel=1e-8, abs=1e-8
        )
        assert lag < drift * beta / (1 - beta)


def test_the_mean_move_depends_on_the_signal_to_noise_ratio_alone():
    s, size = np.array([0.1, 1.0, 3.0]), np.array([1e-3, 1.0, 1e4])
    noise = np.random.default_rng(0).normal(size=(1500, 200, 3))
    late = downhill(Adam(eps=0.0), size * (s + noise))[1000:]
    np.testing.assert_allclose(late.mean(axis=(0, 1)), s / np.sqrt(1 + s**2), atol=0.005)


def test_moves_on_pure_noise_keep_their_typical_size():
    noise = np.random.default_rng(1).normal(size=(1500, 400))
    late = downhill(Adam(), noise)[1000:]
    assert late.std() == pytest.approx(np.sqrt(0.1 / 1.9), rel=0.02)


@pytest.mark.parametrize(
    "betas", [(0.9, 0.999), (0.9, 0.99), (0.5, 0.5), (0.0, 0.999), (0.95, 0.95)]
)
def test_no_step_exceeds_the_bound_at_any_time(betas):
    rng = np.random.default_rng(2)
    # Streams of many kinds: noise, spikes over many scales, growth and decay.
    streams = np.stack(
        [
            rng.normal(size=400),
            rng.normal(size=400) * 10.0 ** rng.integers(-8, 8, size=400),
            1.2 ** np.arange(400.0),
            0.8 ** np.arange(400.0),
            (betas[1] / max(betas[0], 0.5)) ** np.arange(400.0),
        ],
        axis=1,
    )
    adam = Adam(beta1=betas[0], beta2=betas[1], eps=0.0)
    assert np.abs(downhill(adam, streams)).max() <= bound(*betas) * (1 + 1e-12)


def test_the_bound_is_reached_by_a_growing_gradient_and_beats_the_papers():
    largest = downhill(Adam(eps=0.0), (0.999 / 0.9) ** np.arange(-2500.0, 2500.0)).max()
    assert 0.99 * bound(0.9, 0.999) < largest <= bound(0.9, 0.999)
    assert largest > (1 - 0.9) / np.sqrt(1 - 0.999)  # stated as the bound in section 2.1


def test_the_bound_is_one_learning_rate_for_equal_betas_and_larger_otherwise():
    assert bound(0.9, 0.9) == pytest.approx(1)
    for beta1 in (0.0, 0.5, 0.89, 0.91, 0.94):
        assert bound(beta1, 0.9) > 1


def test_a_rare_gradient_moves_its_parameter_by_a_geometric_series():
    adam = Adam(eps=0.0)
    rare = downhill(adam, [1.0] + 600 * [0.0], without_correction(adam, 0.0))
    assert rare[0] == pytest.approx(0.1 / np.sqrt(0.001), rel=1e-9)
    assert rare.sum() == pytest.approx(rare[0] / (1 - 0.9 / np.sqrt(0.999)), rel=1e-9)
    assert rare.sum() == pytest.approx(31.77, abs=0.01)


def test_rescaling_gradients_by_a_positive_diagonal_changes_nothing():
    gradients = np.random.default_rng(3).normal(size=(200, 3))
    scaled = gradients * [1e-6, 1.0, 1e7]
    adam = Adam(eps=0.0)
    np.testing.assert_allclose(
        downhill(adam, scaled), downhill(adam, gradients), rtol=1e-9, atol=1e-12
    )


def test_a_rotation_by_45_degrees_changes_the_path_of_adam_but_not_of_gradient_descent():
    start = problems.ravine.start
    for optimizer, limit in ((SGD(lr=0.05), 1e-12), (Momentum(lr=0.02), 1e-12)):
        straight, turned = (
            run_turned(optimizer, problems.ravine, degrees, start, 60) for degrees in (0, 45)
        )
        assert np.abs(turned - straight).max() < limit
    straight, turned = (
        run_turned(Adam(lr=0.1, eps=0.0), problems.ravine, degrees, start, 60)
        for degrees in (0, 45)
    )
    assert np.abs(turned - straight).max() > 1


def test_another_unit_of_a_parameter_changes_the_path():
    theta = np.array([1.0])
    bowl = (lambda z: 0.5 * float(z @ z), lambda z: z)
    fine = (lambda z: 0.5 * float(z @ z) / 100**2, lambda z: z / 100**2)  # z = 100 theta
    path = minimize(Adam(lr=0.01), bowl, theta, steps=50).theta
    other = minimize(Adam(lr=0.01), fine, 100 * theta, steps=50).theta / 100
    assert path[-1, 0] < 0.6 and other[-1, 0] > 0.99


def test_with_a_huge_epsilon_adam_is_momentum_in_its_averaged_form():
    adam, momentum = Adam(lr=0.1 * 1e8, eps=1e8), Momentum(lr=0.1 * (1 - 0.9), momentum=0.9)
    path = minimize(momentum, problems.ravine, steps=200).theta
    theta, state = path[0], without_correction(adam, path[0])
    for expected in path[1:]:
        theta, state = adam.step(theta, problems.ravine.grad(theta), state)
        assert np.abs(theta - expected).max() < 3e-8


def test_after_one_large_gradient_a_larger_beta2_recovers_later():
    stream = np.ones(5000)
    stream[1000] = 100.0
    last = [
        np.flatnonzero(downhill(Adam(beta2=beta2), stream) < 0.9)[-1] - 1000
        for beta2 in (0.9, 0.99, 0.999)
    ]
    assert last[0] < 100 < last[1] < 1000 < last[2]


def test_one_large_gradient_first_lengthens_the_moves_because_m_holds_it_too():
    stream = np.ones(1100)
    stream[1000] = 100.0
    after = downhill(Adam(beta2=0.999), stream)[1000:]
    assert after[0] == after.max() and after[0] > 2.6
    assert np.flatnonzero(after < 1)[0] == 12


def test_a_start_below_epsilon_costs_adam_one_more_step_on_the_saddle():
    near, far = (steps_to_leave_the_saddle(Adam(lr=0.01), y) for y in (1e-12, 1e-3))
    assert near == far + 1


def test_adam_leaves_the_saddle_after_the_same_steps_whatever_the_start_but_only_along_the_axes():
    assert steps_to_leave_the_saddle(SGD(lr=0.01), 1e-3) == 349  # ln(1e3) / ln(1.02)
    assert steps_to_leave_the_saddle(SGD(lr=0.01), 1e-6) == 698
    straight = [steps_to_leave_the_saddle(Adam(lr=0.01), y) for y in (1e-3, 1e-6)]
    assert straight[0] == straight[1] < 100
    turned = [steps_to_leave_the_saddle(Adam(lr=0.01), y, degrees=45) for y in (1e-3, 1e-6)]
    assert turned[1] > 1.4 * turned[0] > 4 * straight[0]


def test_noise_floor_is_lr_sigma_over_twice_the_curvature():
    rng = np.random.default_rng(4)
    lr, sigma, curvature = 0.01, 3.0, 2.0
    theta, adam = np.ones(100), Adam(lr=lr)
    state, squares = adam.init(theta), []
    for _ in range(4000):
        g = curvature * theta + sigma * rng.normal(size=theta.shape)
        theta, state = adam.step(theta, g, state)
        squares.append(np.mean(theta**2))
    assert np.mean(squares[2000:]) == pytest.approx(lr * sigma / (2 * curvature), rel=0.1)


def test_without_noise_adam_converges_and_then_bursts_out_past_the_edge_of_stability():
    bowl = (lambda theta: 0.5 * float(theta @ theta), lambda theta: theta)
    path = minimize(Adam(lr=0.1), bowl, np.ones(1), steps=9000)
    size = np.abs(path.theta[:, 0])
    quiet = int(size.argmin())
    assert size[quiet] < 1e-100 and size[quiet:].max() > 1e-2
    t = np.arange(1, 9001)
    sharpness = 0.1 / np.sqrt(path.state.v[1:, 0] / (1 - 0.999**t))
    assert sharpness[:quiet].max() < 38 < sharpness[quiet:].max()


def test_adam_ends_at_the_wrong_end_of_reddi_kale_and_kumar_unless_beta2_is_large():
    adam, theta = Adam(beta1=0.0, beta2=np.array([0.1, 0.999])), np.ones(2)
    state, losses, steps = adam.init(theta), np.zeros(2), 30_000
    for t in range(1, steps + 1):
        slope = 3.0 if t % 3 == 1 else -1.0
        losses = losses + slope * (theta + 1)  # above the loss of the best answer, -1
        now = dataclasses.replace(adam, lr=0.5 / np.sqrt(t))
        theta, state = now.step(theta, np.full(2, slope), state)
        theta = np.minimum(1.0, np.maximum(-1.0, theta))
    assert theta[0] == 1.0 and theta[1] < -0.99
    assert losses[0] / steps == pytest.approx(2 / 3, abs=0.01)
    assert losses[1] / steps < 0.01


def test_the_rounds_of_exercise_4_drift_upwards_by_0_681():
    adam = Adam(beta1=0.0, beta2=0.1, eps=0.0)
    taken = -downhill(adam, np.tile([3.0, -1.0, -1.0], 20))[-3:]
    np.testing.assert_allclose(taken, [-1.0472, 0.7623, 0.9658], atol=1e-4)
    assert taken.sum() == pytest.approx(0.681, abs=1e-3)


def test_the_three_steps_of_exercise_2():
    adam = Adam(beta1=0.5, beta2=0.5, eps=0.0)
    np.testing.assert_allclose(downhill(adam, [2.0, 2.0, -4.0]), [1, 1, -0.434], atol=5e-4)


class Counted(np.ndarray):
    """An array that counts the numbers that NumPy computes from it."""

    numbers = 0

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        result = getattr(ufunc, method)(*map(np.asarray, inputs), **keywords)
        Counted.numbers += result.size
        return result.view(Counted)


@pytest.mark.parametrize("size", [10, 10_000])
@pytest.mark.parametrize("method, operations", [(SGD, 2), (Momentum, 4), (Adam, 14)])
def test_a_step_takes_a_fixed_number_of_operations_for_each_parameter(method, operations, size):
    theta, Counted.numbers = np.ones(size).view(Counted), 0
    method().step(theta, theta, method().init(theta))
    assert Counted.numbers == operations * size


@pytest.mark.parametrize("curvature, low, high", [(1.0, 0.9, 1.05), (1000.0, 0.4, 0.8)])
def test_the_floor_of_the_loss_is_alpha_sigma_over_4_only_while_noise_rules(curvature, low, high):
    rng, adam, theta = np.random.default_rng(0), Adam(lr=0.01), np.zeros(256)
    state, losses = adam.init(theta), []
    for _ in range(4000):
        g = curvature * theta + rng.normal(size=256)
        theta, state = adam.step(theta, g, state)
        losses.append(curvature * np.mean(theta**2) / 2)
    assert low < np.mean(losses[2000:]) / (0.01 / 4) < high


def test_a_gradient_once_in_a_hundred_steps_still_moves_a_tenth_of_alpha_a_step():
    taken = downhill(Adam(), np.tile(np.eye(100)[0], 50))[2000:]
    assert taken.mean() == pytest.approx(0.1, rel=0.05)
    assert downhill(SGD(), np.tile(np.eye(100)[0], 50))[2000:].mean() == pytest.approx(0.01)
