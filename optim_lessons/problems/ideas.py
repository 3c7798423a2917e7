"""Surfaces that show one idea each, as plainly as two parameters can."""

import numpy as np

from optim_lessons.problems.surface import Surface


def _ravine(x, y):
    return 0.5 * x**2 + 10 * y**2


def _ravine_df(x, y):
    return x, 20 * y


# The quadratic with Hessian eigenvalues 1 and 20: the smallest ravine, condition number 20.
ravine = Surface(
    name="ravine",
    title="A ravine",
    f=_ravine,
    df=_ravine_df,
    start=(-4.0, 1.0),
    minima=((0.0, 0.0),),
    viewport=((-5.0, 5.0), (-2.0, 2.0)),
)


def _saddle(x, y):
    return x**2 - y**2


def _saddle_df(x, y):
    return 2 * x, -2 * y


# The plainest saddle: no minimum, and a start close to the line from which nothing leaves.
saddle = Surface(
    name="saddle",
    title="A saddle",
    f=_saddle,
    df=_saddle_df,
    start=(1.0, 0.001),
    minima=(),
    viewport=((-1.5, 1.5), (-1.5, 1.5)),
)


def _kink(x, y):
    return np.abs(x) + 10 * np.abs(y)


def _kink_df(x, y):
    return np.sign(x), 10 * np.sign(y)


# The ravine with kinks: convex, but the gradient is as large near the minimum as far away, so a
# learning rate that does not shrink never settles. On a kink, np.sign is 0: a subgradient.
kink = Surface(
    name="kink",
    title="A kinked valley",
    f=_kink,
    df=_kink_df,
    start=(-4.1, 0.93),
    minima=((0.0, 0.0),),
    viewport=((-5.0, 5.0), (-2.0, 2.0)),
)


def _monkey_saddle(x, y):
    return x**3 - 3 * x * y**2


def _monkey_saddle_df(x, y):
    return 3 * x**2 - 3 * y**2, -6 * x * y


# Three ways down, a place for the tail too: a saddle whose Hessian is zero, so that gradient
# descent comes near only like 1/t and Newton's method divides by nothing.
monkey_saddle = Surface(
    name="monkey_saddle",
    title="A monkey saddle",
    f=_monkey_saddle,
    df=_monkey_saddle_df,
    start=(1.0, 0.001),
    minima=(),
    viewport=((-1.5, 1.5), (-1.5, 1.5)),
)


def _two_layers(x, y):
    return (x * y - 1) ** 2 / 2 + (x**2 + y**2) / 16


def _two_layers_df(x, y):
    return (x * y - 1) * y + x / 8, (x * y - 1) * x + y / 8


# A linear network of two weights that shall multiply to 1, with weight decay 1/8. Small weights,
# as at initialisation, sit beside a saddle; the way down is the same with both signs changed.
two_layers = Surface(
    name="two_layers",
    title="Two linear layers",
    f=_two_layers,
    df=_two_layers_df,
    start=(0.1, -0.08),
    minima=((0.9354143466934853, 0.9354143466934853), (-0.9354143466934853, -0.9354143466934853)),
    viewport=((-2.5, 2.5), (-2.5, 2.5)),
)


def _neuron(x, y):
    high = 1 / (1 + np.exp(-(y + x)))
    low = 1 / (1 + np.exp(-(y - x)))
    return (high - 0.75) ** 2 + (low - 0.25) ** 2


def _neuron_df(x, y):
    high = 1 / (1 + np.exp(-(y + x)))
    low = 1 / (1 + np.exp(-(y - x)))
    high_slope = 2 * (high - 0.75) * high * (1 - high)
    low_slope = 2 * (low - 0.25) * low * (1 - low)
    return high_slope - low_slope, high_slope + low_slope


# A sigmoid neuron with weight x and bias y, which shall say 3/4 to the input 1 and 1/4 to -1:
# wherever it is sure of itself, right or wrong, the loss is a plateau.
neuron = Surface(
    name="neuron",
    title="A saturated neuron",
    f=_neuron,
    df=_neuron_df,
    start=(-6.0, 1.0),
    minima=((1.0986122886681098, 0.0),),
    viewport=((-10.0, 10.0), (-10.0, 10.0)),
)


def _wells(x, y):
    sharp = np.exp(-8 * ((x + 1) ** 2 + y**2))
    wide = np.exp(-((x - 1) ** 2 + y**2) / 2)
    return (1 - sharp) * (1 - wide)


def _wells_df(x, y):
    sharp = np.exp(-8 * ((x + 1) ** 2 + y**2))
    wide = np.exp(-((x - 1) ** 2 + y**2) / 2)
    df_dx = 16 * (x + 1) * sharp * (1 - wide) + (x - 1) * wide * (1 - sharp)
    df_dy = 16 * y * sharp * (1 - wide) + y * wide * (1 - sharp)
    return df_dx, df_dy


# A sharp minimum and a wide one, both of value 0, with curvatures 13.8 and 1: gradient descent with
# a learning rate above 2/13.8 settles only in the wide one. Far from both, a plateau.
wells = Surface(
    name="wells",
    title="A sharp and a wide well",
    f=_wells,
    df=_wells_df,
    start=(-1.3, 0.5),
    minima=((-1.0, 0.0), (1.0, 0.0)),
    viewport=((-2.5, 3.5), (-2.5, 2.5)),
)
