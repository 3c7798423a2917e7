"""The claims of the chapter Loss surfaces, each computed in another way than there."""

import numpy as np
import pytest

from optim_lessons import LBFGS, SGD, minimize, problems
from optim_lessons.problems import SURFACES


def beale_by_hand(theta):
    """Equation eq:surf:beale of the chapter."""
    x, y = theta
    k = np.array([1, 2, 3])
    r = np.array([1.5, 2.25, 2.625]) - x + x * y**k
    return 2 * (r * np.array([y**k - 1, k * x * y ** (k - 1)])).sum(axis=1)


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


def gaussian_ensemble(count, d, rng):
    """Symmetric matrices, variance 2 on the diagonal and 1 off it."""
    a = rng.standard_normal((count, d, d))
    return (a + a.transpose(0, 2, 1)) / np.sqrt(2)


def test_beale_s_gradient_by_hand_is_the_library_s():
    for theta in np.random.default_rng(0).uniform(-2, 2, (20, 2)):
        np.testing.assert_allclose(beale_by_hand(theta), problems.beale.grad(theta), rtol=1e-10)


def test_no_direction_is_steeper_than_the_gradient_s_and_across_it_the_slope_is_zero():
    theta = np.array([1.0, 1.5])
    g = problems.beale.grad(theta)
    angle = np.linspace(0, 2 * np.pi, 721)
    around = np.stack([np.cos(angle), np.sin(angle)])
    ahead, behind = (problems.beale.value(theta + h * around.T) for h in (1e-5, -1e-5))
    slopes = (ahead - behind) / 2e-5
    assert slopes.max() <= np.linalg.norm(g) + 1e-6
    steepest = around[:, slopes.argmax()]
    assert steepest @ g / np.linalg.norm(g) == pytest.approx(1, abs=1e-4)
    across = np.array([-g[1], g[0]]) / np.linalg.norm(g)
    step = 1e-5 * across
    change = problems.beale.value(theta + step) - problems.beale.value(theta - step)
    assert abs(change) / 2e-5 < 1e-6


def test_the_gradient_is_perpendicular_to_an_ellipse_that_is_a_level_set():
    s = np.linspace(0, 6, 50)
    curve = np.stack([np.sqrt(2) * np.cos(s), np.sin(s) / np.sqrt(10)], axis=1)
    np.testing.assert_allclose(problems.ravine.value(curve), 1)
    tangent = np.stack([-np.sqrt(2) * np.sin(s), np.cos(s) / np.sqrt(10)], axis=1)
    np.testing.assert_allclose((problems.ravine.grad(curve) * tangent).sum(axis=1), 0, atol=1e-12)


def test_forward_differences_err_like_h_and_central_ones_like_h_squared():
    for h in (1e-2, 1e-3):
        assert (np.exp(h) - 1) / h - 1 == pytest.approx(h / 2, rel=1e-2)
        assert central(np.exp, 0.0, h) - 1 == pytest.approx(h**2 / 6, rel=1e-2)


def test_rounding_rules_a_step_that_is_too_short():
    x = np.linspace(1, 2, 100)
    for h, low, high in [(1e-12, 1e-6, 1e-2), (1e-5, 1e-13, 1e-8)]:
        assert low < abs(central(np.exp, x, h) - np.exp(x)).max() < high


def test_on_a_corner_the_central_difference_is_the_mean_of_the_two_slopes():
    assert central(lambda x: np.maximum(x, 0), 0.0, 1e-3) == pytest.approx(0.5)


@pytest.mark.parametrize("name", [n for n in SURFACES if n not in ("kink", "ackley")])
def test_at_a_minimum_of_the_gallery_no_eigenvalue_is_negative(name):
    for minimum in SURFACES[name].minima:
        theta = np.array(minimum)
        np.testing.assert_allclose(SURFACES[name].grad(theta), 0, atol=1e-8)
        assert np.linalg.eigvalsh(SURFACES[name].hessian(theta)).min() > 0


def test_the_saddles_of_the_text_are_saddles_and_the_monkey_s_is_undecided():
    zero = np.zeros(2)
    np.testing.assert_allclose(np.linalg.eigvalsh(problems.saddle.hessian(zero)), [-2, 2])
    two = problems.two_layers
    np.testing.assert_allclose(two.grad(zero), 0)
    np.testing.assert_allclose(np.linalg.eigvalsh(two.hessian(zero)), [-7 / 8, 9 / 8])
    np.testing.assert_allclose(problems.monkey_saddle.hessian(zero), 0)


def test_the_two_starts_at_the_saddle_end_in_the_two_minima():
    high, low = (
        minimize(SGD(lr=0.1), problems.two_layers, start, steps=120).theta[-1]
        for start in ((0.6, -0.58), (0.58, -0.6))
    )
    np.testing.assert_allclose(high, problems.two_layers.minima[0], atol=1e-3)
    np.testing.assert_allclose(low, problems.two_layers.minima[1], atol=1e-3)


def test_the_ravines_of_the_series():
    celsius = problems.series()
    last, before = celsius[11:-1], celsius[10:-2]
    year = 1950 + np.arange(12, len(celsius)) / 12

    def kappa(*features):
        """From the singular values of the data, not from the matrix."""
        x = np.stack(features, axis=1)
        sigma = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
        return (sigma[0] / sigma[-1]) ** 2

    def correlation(a, b):
        return np.corrcoef(a, b)[0, 1]

    assert kappa(last, year) == pytest.approx(60, abs=0.5)
    # Two scaled features have the eigenvalues 1 + r and 1 - r.
    for other, expected in [(year, 1.19), (before, 14.6)]:
        r = correlation(last, other)
        scaled = kappa(last / last.std(), other / other.std())
        assert scaled == pytest.approx((1 + r) / (1 - r))
        assert scaled == pytest.approx(expected, rel=5e-3)


def test_the_ravines_of_the_digits():
    x, _ = problems.digits()
    inked = x[:, x.max(axis=0) > x.min(axis=0)]
    assert x.shape[1] - inked.shape[1] == 3
    raw = np.linalg.svd(np.column_stack([inked, np.ones(len(x))]), compute_uv=False)
    assert (raw[0] / raw[-1]) ** 2 == pytest.approx(7.1e6, rel=0.01)
    assert np.linalg.cond(np.corrcoef(inked.T)) == pytest.approx(146, abs=0.5)


def test_the_share_of_positive_definite_matrices():
    rng = np.random.default_rng(5)
    # d = 2: exercise 4; d = 3: the same by integrating over the eigenvalues.
    exact = {1: 1 / 2, 2: (2 - 2**0.5) / 4, 3: (np.pi - 2 * 2**0.5) / (4 * np.pi)}
    for d, share in exact.items():
        lowest = np.linalg.eigvalsh(gaussian_ensemble(100_000, d, rng))[:, 0]
        assert np.mean(lowest > 0) == pytest.approx(share, abs=4 * (share / 100_000) ** 0.5)


def test_five_dimensions_by_moving_the_trace_alone():
    """Given the rest, the mean eigenvalue is normal: its tail is averaged, not counted."""
    from scipy.stats import norm

    d = 5
    eigenvalues = np.linalg.eigvalsh(gaussian_ensemble(200_000, d, np.random.default_rng(6)))
    needed = eigenvalues.mean(axis=1) - eigenvalues[:, 0]  # the mean that lifts the lowest to 0
    assert norm.sf(needed, scale=(2 / d) ** 0.5).mean() == pytest.approx(1.4e-4, rel=0.05)


def test_the_hessian_of_the_field_is_g_minus_the_height():
    """Sums of few waves have the right covariances too: compare second moments."""
    rng = np.random.default_rng(7)
    w = rng.standard_normal((400_000, 3))
    z = rng.uniform(0, 2 * np.pi, len(w))
    f = np.sqrt(2) * np.cos(z)
    g = -np.sqrt(2) * np.sin(z)[:, None] * w
    hessian = -f[:, None, None] * w[:, :, None] * w[:, None, :]
    rest = hessian + f[:, None, None] * np.eye(3)  # G, says the theorem
    flat = rest[:, [0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    np.testing.assert_allclose((flat * f[:, None]).mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose((g.T @ flat) / len(w), 0, atol=0.03)
    np.testing.assert_allclose(flat.T @ flat / len(w), np.diag([2, 2, 2, 1, 1, 1]), atol=0.08)


@pytest.mark.parametrize("alive", [0, 2])
def test_each_dead_unit_brings_one_way_down_for_a_singular_value_above_the_penalty(alive):
    pixels, digit = problems.digits()
    x, y = pixels[:100], digit[:100]
    rng = np.random.default_rng(1)
    mlp = problems.MLP(x, y, hidden=(3,), activation="tanh", classes=10, rng=rng)
    penalty = 1e-2

    def grad(theta):
        return mlp.grad(theta) + penalty * theta

    def value(theta):
        return mlp.value(theta) + penalty / 2 * theta @ theta

    start = mlp.start.copy()
    v = mlp.layout.views(start)
    v["W1"][:, alive:] = v["W2"][alive:] = 0
    theta = minimize(LBFGS(), (value, grad), start, steps=120).theta[-1]
    assert np.linalg.norm(grad(theta)) < 1e-4
    v = mlp.layout.views(theta)
    assert not v["W1"][:, alive:].any() and not v["b1"][alive:].any() and not v["W2"][alive:].any()
    output = np.tanh(x @ v["W1"] + v["b1"]) @ v["W2"] + v["b2"]
    p = np.exp(output - output.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    error = p - np.eye(10)[y]
    b = np.column_stack([x, np.ones(len(x))]).T @ error / len(x)
    sigma = np.linalg.svd(b, compute_uv=False)
    h = 1e-5
    hessian = np.array(
        [central(lambda s, e=e: grad(theta + s * e), 0.0, h) for e in np.eye(len(theta))]
    )
    eigenvalues = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    expected = (3 - alive) * (sigma > penalty).sum()
    assert 0 < (sigma > penalty).sum() <= 9
    assert (eigenvalues < -1e-6).sum() == expected
    assert eigenvalues[0] == pytest.approx(penalty - sigma[0], abs=1e-6)
