"""The claims of the chapter AdaMax and NAdam, each against the library."""

import cases.table  # noqa: F401  (the libraries compute in 64 bits)
import keras
import numpy as np
import optax
import pytest
import torch
from streams import downhill

from optim_lessons import Adam, AdaMax, NAdam, minimize, problems

BETAS = pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.9, 0.95), (0.5, 0.8)])
MUS = pytest.mark.parametrize("mu", [0.0, 0.45, 0.9, 1.0])


def settled(optimizer, m=1.0, size=1.0):
    """The state after a very long run of gradients of one size; m may have been forgotten."""
    state = optimizer.init(0.0)
    words = {"m": m, "v": size**2, "u": size, "mu_product": 0.0}
    return state._replace(t=10**6, **{n: x for n, x in words.items() if n in state._fields})


@pytest.mark.parametrize("seed", range(3))
def test_theorem_1_the_powers_lie_between_two_ends_and_tend_to_the_maximum(seed):
    rng = np.random.default_rng(seed)
    g, beta2 = np.abs(rng.standard_cauchy(40)) / 100, 0.9
    decayed = beta2 ** np.arange(40)[::-1] * g
    u = 0.0
    for size in g:
        u = max(beta2 * u, size)
    assert u == pytest.approx(decayed.max())
    gaps = []
    for p in (2, 4, 16, 64, 1024):
        logs = p * np.log(decayed / u)  # of the terms, the largest being 0
        root = ((1 - beta2**p) * np.exp(logs).sum()) ** (1 / p) * u
        low = (1 - beta2**p) ** (1 / p) * u
        assert low <= root <= low * 40 ** (1 / p)
        gaps.append(abs(root / u - 1))
    assert gaps[-1] < 0.005 < gaps[0]


def test_a_lone_outlier_is_felt_by_the_share_that_the_power_gives_it():
    shares = [(1 - 0.999**p) ** (1 / p) for p in (2, 16, 64)]
    for p, share in zip((2, 16, 64), shares, strict=True):
        v = 0.999**p * 1.0 + (1 - 0.999**p) * 1e4**p
        assert v ** (1 / p) / 1e4 == pytest.approx(share, rel=1e-4)
    assert np.round(shares, 3).tolist() == [0.045, 0.772, 0.957]


def test_large_powers_leave_the_range_of_numbers():
    with np.errstate(over="ignore", under="ignore"):
        assert np.isinf(np.float32(1e3) ** 16) and np.float32(1e-3) ** 16 == 0
        assert np.isinf(np.float64(1e5) ** 64) and np.float64(1e-6) ** 64 == 0


def test_the_correction_of_the_divisor_tends_to_one_already_at_the_first_step():
    for t in (1, 5):
        factors = [(1 - 0.999 ** (p * t)) ** (-1 / p) for p in (2, 100, 1000, 10000)]
        assert np.all(np.diff(factors[:3]) < 0) and factors[-1] == pytest.approx(1, abs=1e-4)
    assert downhill(AdaMax(eps=0.0), [5.0]) == pytest.approx(1)


@BETAS
def test_theorem_2_bounds_every_step_of_adamax_and_is_reached(beta1, beta2):
    optimizer, r, t = AdaMax(beta1=beta1, beta2=beta2, eps=0.0), beta1 / beta2, np.arange(1, 301)
    bound = (1 - beta1) / (1 - r) * (1 - r**t) / (1 - beta1**t)
    rng = np.random.default_rng(0)
    for scale in (1, 3):
        wild = 10.0 ** (scale * rng.normal(size=300)) * rng.choice([-1, 1], 300)
        assert np.all(np.abs(downhill(optimizer, wild)) <= bound * (1 + 1e-12))
    np.testing.assert_allclose(downhill(optimizer, beta2 ** (t - 1.0)), bound, rtol=1e-9)
    assert np.all(bound <= (1 - beta1) / (1 - r) * (1 + 1e-12)) and bound[-1] > 1


def test_the_papers_bound_of_lr_is_missed_by_less_than_a_hundredth_with_the_usual_values():
    assert 1.009 < downhill(AdaMax(eps=0.0), 0.999 ** np.arange(1000.0)).max() < 1.0091


def test_without_beta1_below_beta2_no_step_is_bounded():
    beta, t = 0.9, np.arange(1, 201)
    found = downhill(AdaMax(beta1=beta, beta2=beta, eps=0.0), beta ** (t - 1.0))
    np.testing.assert_allclose(found, (1 - beta) * t / (1 - beta**t), rtol=1e-9)


def test_a_rare_gradient_moves_its_parameter_by_32_with_adam_and_by_1_with_adamax():
    stream = np.append(1.0, np.zeros(600))
    for cls, first, total in ((Adam, 3.162, 31.77), (AdaMax, 0.1, 1.00909), (NAdam, 6.008, 31.75)):
        found = downhill(cls(eps=0.0), stream, settled(cls(), m=0.0, size=0.0))
        assert found[0] == pytest.approx(first, abs=1e-3)
        assert found.sum() == pytest.approx(total, abs=6e-3)


@pytest.mark.parametrize("size", [100.0, 1e3, 2e4])
def test_steps_until_half_after_an_outlier(size):
    rate = -np.log(0.999)
    theory = {Adam: np.log(0.001 * (size**2 - 1) / 3) / rate, AdaMax: np.log(size / 2) / rate}
    assert (theory[Adam] > theory[AdaMax]) == (size > 1500)
    for cls, steps in theory.items():
        stream = np.append(size, np.ones(int(steps) + 50))
        short = downhill(cls(eps=0.0), stream, settled(cls())) < 0.5
        assert np.flatnonzero(short)[-1] + 1 == np.ceil(steps)


def test_below_55_adams_divisor_never_doubles():
    for size, doubled in ((54.0, False), (55.5, True)):
        assert (np.sqrt(1 + 0.001 * (size**2 - 1)) > 2) == doubled


def test_without_beta1_nadam_is_corrected_rmsprop_and_equal_sizes_make_adamax_adam():
    signs = np.random.default_rng(1).choice([-1.0, 1.0], 50)
    np.testing.assert_allclose(downhill(NAdam(beta1=0.0, eps=0.0), signs), signs, rtol=1e-12)
    adam, adamax = (downhill(cls(eps=0.0), signs) for cls in (Adam, AdaMax))
    np.testing.assert_allclose(adam, adamax, rtol=1e-9)


def test_steps_1_and_2_with_constant_momentum_are_nesterovs_path():
    """The direction (1 - mu) g + mu m with m averaged, against the sum form times 1 - mu."""
    mu, average, total = 0.8, 0.0, 0.0
    for g in np.random.default_rng(2).normal(size=30):
        average = mu * average + (1 - mu) * g
        total = mu * total + g
        assert (1 - mu) * g + mu * average == pytest.approx((1 - mu) * (g + mu * total))


def test_step_3_the_weights_are_one_less_the_product_of_the_momenta():
    weight, product = 0.0, 1.0
    for mu in np.random.default_rng(3).uniform(0, 1, 20):
        weight, product = mu * weight + 1 - mu, product * mu
        assert weight == pytest.approx(1 - product)


@pytest.mark.parametrize("psi", [0.0, 0.004, 1.0, 1e6])
def test_step_4_is_the_librarys_direction_and_exercise_5_a_true_average(psi):
    def mu(t):
        return 0.9 * (1 - 0.5 * 0.96 ** (t * psi))

    rng = np.random.default_rng(4)
    g = rng.normal(size=12)
    found, m, product, ours, weight = downhill(NAdam(psi=psi, eps=0.0), g), 0.0, 1.0, 0.0, 0.0
    for t, x in enumerate(g, start=1):
        product *= mu(t)
        m = 0.9 * m + 0.1 * x
        root = np.sqrt(np.average(g[:t] ** 2, weights=0.999 ** np.arange(t)[::-1]))
        bar = (1 - mu(t)) * x / (1 - product) + mu(t + 1) * m / (1 - product * mu(t + 1))
        assert found[t - 1] == pytest.approx(bar / root, rel=1e-9)
        ours, weight = mu(t) * ours + (1 - mu(t)) * 3, mu(t) * weight + 1 - mu(t)
        divisor = 1 - product * mu(t + 1) + mu(t + 1) - mu(t)
        assert ((1 - mu(t)) * 3 + mu(t + 1) * ours) / divisor == pytest.approx(3)


def test_first_moves_on_a_constant_gradient():
    for psi, first, least in ((0.004, 1.056, 0.731), (1.0, 1.063, 0.702), (1e6, 1.474, 1.0)):
        found = downhill(NAdam(psi=psi), np.ones(60))
        assert found[0] == pytest.approx(first, abs=1e-3)
        assert found.min() == pytest.approx(least, abs=1e-3)


def matrix(h, mu, beta):
    return np.array([[1 - h * (1 - mu * beta), -h * mu * beta], [1 - beta, beta]])


@MUS
@pytest.mark.parametrize("beta", [0.5, 0.9, 0.99])
def test_theorem_3_limit_of_stability_and_rate(mu, beta):
    limit = 2 * (1 + beta) / (1 + beta - 2 * mu * beta)
    for h in np.append(np.geomspace(1e-3, 0.999, 30) * limit, limit * 1.001):
        values = np.linalg.eigvals(matrix(h, mu, beta))
        assert (np.abs(values).max() < 1) == (h < limit)
        if abs(values[0].imag) > 1e-6:
            assert abs(values[0]) == pytest.approx(np.sqrt(beta * (1 - (1 - mu) * h)))


@pytest.mark.parametrize(("psi", "mu"), [(0.0, 0.45), (1e6, 0.9)])
def test_the_matrix_is_nadams_step_with_the_divisor_held_still(psi, mu):
    optimizer, root, lam = NAdam(lr=0.3, psi=psi, beta2=1 - 1e-15, eps=0.0), 2.0, 5.0
    theta, m = 0.7, 0.4 * lam
    state = optimizer.init(0.0)._replace(t=10**18, m=m, v=root**2, mu_product=0.0)
    new, after = optimizer.step(theta, lam * theta, state)
    expected = matrix(0.3 * lam / root, mu, 0.9) @ [theta, m / lam]
    np.testing.assert_allclose([new, after.m / lam], expected, rtol=1e-9)


@MUS
def test_the_noise_of_a_move_by_its_weights(mu):
    beta, ages = 0.9, np.arange(1, 400)
    weights = np.append(1 - mu * beta, mu * (1 - beta) * beta**ages)
    assert weights.sum() == pytest.approx(1)
    square = (1 - mu * beta) ** 2 + (mu * beta) ** 2 * (1 - beta) / (1 + beta)
    assert (weights**2).sum() == pytest.approx(square)
    for psi, its in ((0.0, 0.45), (1e6, 0.9)):
        if its == mu:
            noise = np.random.default_rng(5).normal(size=(900, 100))
            found = downhill(NAdam(psi=psi), noise)[400:].std()
            assert found == pytest.approx(np.sqrt(square), rel=0.03)


@pytest.mark.parametrize(
    ("optimizer", "limit"),
    [(Adam(lr=0.1), 38.0), (NAdam(lr=0.1, psi=1e6), 13.57), (NAdam(lr=0.1, psi=0.0), 3.486)],
)
def test_on_a_quiet_parabola_each_method_hovers_about_its_limit(optimizer, limit):
    theta, state, h, sizes = 1.0, optimizer.init(1.0), [], []
    for t in range(1, 12_001):
        theta, state = optimizer.step(theta, theta, state)
        h.append(0.1 / np.sqrt(state.v / (1 - 0.999**t)))
        sizes.append(abs(theta))
    assert 0.8 < np.median(h[6000:]) / limit < 1.2
    assert min(sizes) < 1e-50 and max(sizes[6000:]) > 0.02


def test_in_the_ravine_less_momentum_saves_steps_only_where_there_is_a_swing():
    def arrival(optimizer):
        path = minimize(optimizer, problems.ravine, steps=600).theta
        return np.flatnonzero(np.linalg.norm(path, axis=1) >= 0.1)[-1] + 1

    for beta1, gains in ((0.9, False), (0.98, True)):
        adam, ahead, schedule = (
            arrival(cls(lr=0.1, beta1=beta1, **how))
            for cls, how in ((Adam, {}), (NAdam, {"psi": 1e6}), (NAdam, {}))
        )
        assert abs(ahead - adam) < 0.05 * adam
        assert (schedule < 0.6 * adam) == gains and (schedule > 1.3 * adam) == (not gains)


def test_the_things_to_try_show_what_is_said():
    def past(optimizer, steps=200):
        return minimize(optimizer, problems.ravine, steps=steps).theta[:, 0].max()

    assert past(Adam(lr=0.1, beta1=0.95)) == pytest.approx(0.55, abs=0.01)
    assert past(NAdam(lr=0.1, beta1=0.95)) == pytest.approx(1 / 8, abs=0.005)
    assert past(Adam(lr=0.1, beta1=0.98)) > 1 > 3 * past(NAdam(lr=0.1, beta1=0.98)) - 0.2
    assert past(NAdam(lr=0.1, beta1=0.95, psi=1.0)) == pytest.approx(0.42, abs=0.01)
    path = minimize(NAdam(lr=0.5, beta1=0.95), problems.ravine, steps=200).theta
    assert np.abs(path[100:145]).max() < 1e-3 and np.abs(path[150:, 1]).max() > 1
    start = (-1.5, -1.0)
    adam, slow, quick = (
        minimize(o, problems.rosenbrock, start, steps=300)
        for o in (Adam(lr=0.1), AdaMax(lr=0.1), AdaMax(lr=0.1, beta2=0.9))
    )
    assert slow.state.u[-1, 0] == pytest.approx(0.74 * slow.state.u[1, 0], rel=0.01)
    assert np.abs(slow.grad[200:]).max() < np.abs(slow.grad[0]).max() / 200
    assert quick.value[-1] < adam.value[-1] < slow.value[-1]


def test_adamaxs_border_of_the_wrong_end_for_three_gradients_and_cycles_for_every_beta2():
    def drift(n, beta2):
        return -1 + np.minimum(1, 1 / (n * beta2 ** np.arange(1.0, n))).sum()

    border = (1 + np.sqrt(13)) / 6
    assert drift(3, border - 1e-6) > 0 > drift(3, border + 1e-6)
    for beta2, n in ((0.9, 5), (0.99, 15), (0.999, 45)):
        assert drift(n, beta2) > 0 > drift(n - 1, beta2)
        cycle = downhill(
            AdaMax(beta1=0.0, beta2=beta2, eps=0.0), np.tile(np.append(n, -np.ones(n - 1)), 60)
        )
        assert -cycle[-n:].sum() == pytest.approx(drift(n, beta2))


def test_exercise_2_by_hand():
    found = downhill(AdaMax(beta1=0.5, beta2=0.5, eps=0.0), [1.0, 4.0, 1.0])
    np.testing.assert_allclose(found, [1, 3 / 4, 13 / 14])
    v = 0.0
    for g in (1.0, 4.0, 1.0):
        v = v / 4 + 3 / 4 * g**2
    assert np.sqrt(v / (1 - 1 / 64)) == pytest.approx(1.96, abs=0.01)


def test_adamaxs_epsilon_in_keras_gives_between_half_and_all_of_pytorchs_step():
    rng, eps = np.random.default_rng(6), 1e-3
    parameter, variable = torch.zeros(20), keras.Variable(np.zeros(20))
    theirs = torch.optim.Adamax([parameter], lr=0.01, betas=(0.5, 0.9), eps=eps)
    other = keras.optimizers.Adamax(0.01, beta_1=0.5, beta_2=0.9, epsilon=eps)
    for _ in range(25):
        g = 10.0 ** rng.uniform(-6, 0, 20) * (rng.random(20) < 0.2)
        before = parameter.clone().numpy(), np.asarray(variable.value)
        parameter.grad = torch.tensor(g)
        theirs.step()
        other.apply([g], [variable])
        torchs, keras_ = parameter.numpy() - before[0], np.asarray(variable.value) - before[1]
        moved = np.abs(torchs) > 1e-9
        share = keras_[moved] / torchs[moved]
        assert np.all((share > 0.5 - 1e-6) & (share < 1 + 1e-6))


def test_the_three_libraries_take_three_first_steps_by_one_name():
    parameter, variable = torch.zeros(1), keras.Variable(np.zeros(1))
    parameter.grad = torch.ones(1)
    torch.optim.NAdam([parameter], lr=1.0).step()
    keras.optimizers.Nadam(1.0).apply([np.ones(1)], [variable])
    jax = (optax.nadam(1.0), optax.adam(1.0, nesterov=True))
    found = [parameter[0].item(), np.asarray(variable.value)[0]]
    found += [o.update(np.ones(1), o.init(np.zeros(1)))[0][0] for o in jax]
    assert -np.array(found, float) == pytest.approx([1.056, 1.063, 1.474, 1.474], abs=1e-3)
