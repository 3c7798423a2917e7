"""The claims of the chapter One framework for all, each computed in another way than there."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from optim_lessons import Adam, minimize, problems
from optim_lessons.contract import map_hyper, variants
from optim_lessons.explorer.tuning import tuned
from optim_lessons.framework import FORMS, Framework, name_of, row
from optim_lessons.rules import (
    CHI,
    DECAY,
    PHI,
    PSI,
    Average,
    AverageOfSquares,
    Gradient,
    LargestAverage,
    LookAhead,
    Rectified,
    Sign,
    Sum,
    SumOfSquares,
    Variance,
    WeightDecay,
)

RNG = np.random.default_rng(0)
G = RNG.normal(size=(80, 3))


def walk(optimizer, gradients, start=0.0):
    theta = np.full(np.shape(gradients)[1:], start)
    state, path = optimizer.init(theta), [theta]
    for g in gradients:
        theta, state = optimizer.step(theta, g, state)
        path.append(theta)
    return np.array(path)


def moments(rule, gradients):
    """What a rule makes of these gradients: in the place of phi it is the step."""
    return -np.diff(walk(Framework(1.0, phi=rule), gradients), axis=0)


def weights(rule, n=60):
    """The weight of a gradient in the moment, by its age."""
    pulse = np.zeros((n, 1))
    pulse[0] = 1
    return moments(rule, pulse)[:, 0]


def test_the_weights_of_the_four_directions():
    k = np.arange(60)
    np.testing.assert_allclose(weights(Gradient()), k == 0, atol=1e-15)
    np.testing.assert_allclose(weights(Sum(0.9)), 0.9**k, atol=1e-14)
    np.testing.assert_allclose(weights(Average(0.9)), 0.1 * 0.9**k, atol=1e-14)
    ahead = np.where(k == 0, 1.9, 0.9 ** (k + 1.0))
    np.testing.assert_allclose(weights(LookAhead(0.9)), ahead, atol=1e-14)


def test_equal_gradients_grow_to_the_same_and_alternating_ones_settle():
    same, signs = np.ones((400, 1)), (-1.0) ** np.arange(400)[:, None]
    for rule in (Sum(0.9), LookAhead(0.9)):
        assert moments(rule, same)[-1] == pytest.approx(10)
    assert abs(moments(Sum(0.9), signs)[-1]) == pytest.approx(1 / 1.9)


def test_a_long_average_divides_the_variance_of_noise_by_nineteen():
    w = weights(Average(0.9), 600)
    assert 1 / (w @ w) == pytest.approx(19)


def test_sum_and_average_are_one_path_at_a_rate_ten_times_larger():
    ours, theirs = Framework(0.01, Sum(0.9)), Framework(0.1, Average(0.9))
    np.testing.assert_allclose(walk(ours, G), walk(theirs, G), rtol=1e-12)
    # So it is over a scale, if the average is not corrected, and is not, if it is.
    over = {"psi": SumOfSquares(), "eps": 1e-8}
    ours, theirs = Framework(0.01, Sum(0.9), **over), Framework(0.1, Average(0.9), **over)
    np.testing.assert_allclose(walk(ours, G), walk(theirs, G), rtol=1e-12)
    corrected = walk(Framework(0.1, Average(0.9, True), **over), G)
    np.testing.assert_allclose(np.abs(corrected[1]), 0.1, rtol=1e-6)
    np.testing.assert_allclose(np.abs(walk(ours, G)[1]), 0.01, rtol=1e-6)


def test_a_scale_or_a_sign_makes_a_step_blind_to_the_unit_of_the_loss():
    for name, method in FORMS.items():
        choice = dataclasses.replace(row(method), eps=0.0)
        new = {
            part: map_hyper(rule, lambda n, x: 0.0 if n == "eps" else x)
            for part in ("phi", "psi")
            if (rule := getattr(choice, part))
        }
        choice = dataclasses.replace(choice, **new)
        once, thrice = walk(choice, G, 0.5), walk(choice, 3 * G, 0.5)
        assert np.abs(np.diff(once, axis=0)).max() > 0
        blind = np.allclose(thrice, once, rtol=1e-10)
        scaled = choice.psi is not None or isinstance(choice.chi, Sign)
        assert blind == (scaled and not isinstance(choice.psi, Rectified)), name


def test_the_loss_times_a_constant_gives_one_path():
    adam = Adam(0.1, eps=0.0)
    f = problems.beale
    scaled = dataclasses.replace(
        f, f=lambda x, y: 50 * f.f(x, y), df=lambda x, y: tuple(50 * d for d in f.df(x, y))
    )
    paths = [minimize(adam, p, steps=100).theta for p in (f, scaled)]
    np.testing.assert_allclose(*paths, rtol=1e-9)


def test_the_four_beginnings():
    t = np.arange(1, 51)
    m, v = 1 - 0.9**t, np.sqrt(1 - 0.999**t)
    for m_too, v_too, expected in [(0, 0, m / v), (0, 1, m), (1, 0, 1 / v), (1, 1, np.ones(50))]:
        choice = Framework(1.0, Average(0.9, bool(m_too)), AverageOfSquares(0.999, bool(v_too)))
        lengths = -np.diff(walk(choice, np.full((50, 1), 7.0))[:, 0])
        np.testing.assert_allclose(lengths, expected, rtol=1e-10)
    late = 1 / np.sqrt(1 - 0.999 ** np.array([3800.0, 4000.0]))
    assert late[0] > 1.01 > late[1]


def test_a_penalty_in_the_gradient_is_decoupled_decay_only_without_memory_and_scale():
    gradients = np.random.default_rng(1).normal(size=(50, 2)) * [1.0, 100.0]

    def path(choice, penalty):
        theta, state = np.ones(2), choice.init(np.ones(2))
        for g in gradients:
            theta, state = choice.step(theta, g + penalty * theta, state)
        return theta

    def gap(**choice):
        coupled = path(Framework(0.01, **choice), 0.1)
        return np.abs(coupled - path(Framework(0.01, **choice, decay=WeightDecay(0.1)), 0.0)).max()

    assert gap() < 1e-12
    assert gap(phi=Average(0.9)) > 1e-3
    assert gap(psi=AverageOfSquares(0.9), eps=1e-8) > 1e-3


def test_there_are_672_choices_and_22_names():
    phi, *others = (sum(len(variants(r)) for r in of.values()) for of in (PHI, PSI, CHI, DECAY))
    assert phi * np.prod([n + 1 for n in others]) == 672
    assert len({name_of(row(form)) for form in FORMS.values()}) == len(FORMS) - 1 == 22


def test_the_scale_of_centred_rmsprop_vanishes_on_a_slope():
    t = np.arange(1, 121)
    steps = -np.diff(walk(Framework(1.0, psi=Variance(0.9)), np.full((120, 1), 5.0))[:, 0])
    np.testing.assert_allclose(steps, 1 / np.sqrt(0.9**t * (1 - 0.9**t)), rtol=1e-6)
    assert steps[99] == pytest.approx(194, abs=0.5)


def test_noise_saves_the_scale_of_centred_rmsprop():
    slope = 5 + np.random.default_rng(2).normal(size=(2000, 50))
    path = walk(Framework(1.0, psi=Variance(0.99)), slope)
    assert np.abs(np.diff(path[500:], axis=0)).max() < 50  # 5 / 1 on average


def drift(choice, skewed):
    path = walk(choice, skewed)
    return (path[-1] - path[0]).mean() / len(skewed)


def test_on_skewed_gradients_the_sign_climbs_and_a_long_scale_descends():
    skewed = np.where(np.random.default_rng(3).random((4000, 100)) < 0.2, 9.0, -1.0)
    assert drift(Framework(1.0), skewed) == pytest.approx(-1, abs=0.03)
    assert drift(Framework(1.0, chi=Sign()), skewed) == pytest.approx(0.6, abs=0.01)
    assert drift(Framework(1.0, Average(0.9), chi=Sign()), skewed) < -0.5
    scales = [0.0, 0.4, 0.6, 0.8, 0.99]
    found = [drift(Framework(1.0, psi=AverageOfSquares(b, True)), skewed) for b in scales]
    assert np.all(np.diff(found) < 0)
    assert found[2] > 0 > found[3]
    assert found[-1] == pytest.approx(-1 / np.sqrt(17), abs=0.02)
    assert drift(Framework(1.0, psi=LargestAverage(0.2, True)), skewed) < -0.05


def test_the_mean_of_all_squares_with_a_falling_rate_is_adagrad():
    v, theta = 0.0, np.zeros(3)
    for t, g in enumerate(G, start=1):
        v = (1 - 1 / t) * v + g**2 / t
        theta = theta - 0.1 / np.sqrt(t) * g / np.sqrt(v)
    expected = walk(Framework(0.1, psi=SumOfSquares()), G)[-1]
    np.testing.assert_allclose(theta, expected, rtol=1e-12)


def in_optax(chain, gradients):
    with jax.enable_x64(True):
        theta, state = jnp.zeros(3), chain.init(jnp.zeros(3))
        for g in gradients:
            update, state = chain.update(jnp.asarray(g), state, theta)
            theta = optax.apply_updates(theta, update)
        return np.asarray(theta)


def test_the_chain_in_the_text_is_adamw_and_a_chain_of_averages_is_not_adam():
    adamw = optax.chain(
        optax.scale_by_adam(b1=0.9, b2=0.999),
        optax.add_decayed_weights(0.01),
        optax.scale_by_learning_rate(0.001),
    )
    ours = dataclasses.replace(row(FORMS["AdamW"]), lr=0.001, decay=WeightDecay(0.01))
    np.testing.assert_allclose(in_optax(adamw, G), walk(ours, G)[-1], rtol=1e-9)

    scale = optax.scale_by_rms(0.999, eps=0.0, bias_correction=True)
    chain = optax.chain(optax.ema(0.9), scale, optax.scale_by_learning_rate(0.1))
    adam = Framework(0.1, Average(0.9, True), AverageOfSquares(0.999, True))
    assert np.abs(in_optax(chain, G) - walk(adam, G)[-1]).max() > 0.1
    # It is what the chapter's cell computes: the scale is that of the averages.
    m = moments(Average(0.9, True), G)
    v = moments(AverageOfSquares(0.999, True), m)
    np.testing.assert_allclose(in_optax(chain, G), -0.1 * np.sum(m / np.sqrt(v), 0), rtol=1e-9)


def test_on_noise_the_chain_steps_as_far_as_it_may_and_adam_a_quarter():
    noise = np.random.default_rng(5).normal(size=(3000, 100))
    adam = Framework(1.0, Average(0.9, True), AverageOfSquares(0.999, True))
    steps = np.diff(walk(adam, noise), axis=0)[1000:]
    assert np.sqrt(np.mean(steps**2)) == pytest.approx(1 / np.sqrt(19), rel=0.02)


def test_what_the_figure_shows_when_it_is_tried():
    def ends(choice, problem=problems.beale, start=None):
        best = tuned(choice, problem, start)
        return best.lr, minimize(best, problem, start, steps=200).value[-1]

    adam = row(Adam())
    alone = dataclasses.replace(adam, psi=AverageOfSquares())
    ahead = dataclasses.replace(adam, phi=LookAhead())
    losses = [ends(Framework())[1], ends(Framework(phi=Sum()))[1]]
    losses.append(ends(Framework(phi=Sum(), psi=SumOfSquares(), eps=1e-8))[1])
    losses += [ends(adam)[1], ends(ahead)[1]]
    assert np.all(np.diff(losses) < 0)
    assert ends(alone)[0] == ends(adam)[0] / 10
    assert ends(alone)[1] > 1e4 * ends(adam)[1]
    far = problems.rosenbrock, (-2.0, 2.0)
    assert ends(ahead, *far)[1] > 10 * ends(adam, *far)[1]


def test_when_the_sign_is_wrong_by_hand():
    for p, large, wrong in [(0.2, 9, True), (0.09, 9, False), (0.55, 9, False), (0.4, 1, False)]:
        mean, sign = p * large - (1 - p), 2 * p - 1
        assert (mean > 0 > sign) == wrong == (1 / (large + 1) < p < 0.5)
