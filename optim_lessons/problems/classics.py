"""Surfaces by which the literature has compared methods since 1958."""

import numpy as np

from optim_lessons.problems.surface import Surface


# The cube is a product: NumPy's power is far slower where its base is negative.
def _beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * (y * y**2)) ** 2


def _beale_df(x, y):
    a = 1.5 - x + x * y
    b = 2.25 - x + x * y**2
    c = 2.625 - x + x * (y * y**2)
    df_dx = 2 * a * (y - 1) + 2 * b * (y**2 - 1) + 2 * c * (y * y**2 - 1)
    df_dy = 2 * a * x + 4 * b * x * y + 6 * c * x * y**2
    return df_dx, df_dy


# Beale 1958: a flat valley that bends, with steep walls behind it.
beale = Surface(
    name="beale",
    title="Beale's function",
    f=_beale,
    df=_beale_df,
    start=(1.0, 1.5),
    minima=((3.0, 0.5),),
    viewport=((-1.0, 4.5), (-1.5, 2.0)),
)


def _rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _rosenbrock_df(x, y):
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


# Rosenbrock 1960: a curved ravine, quick to enter and slow to follow.
rosenbrock = Surface(
    name="rosenbrock",
    title="Rosenbrock's banana",
    f=_rosenbrock,
    df=_rosenbrock_df,
    start=(-1.2, 1.0),
    minima=((1.0, 1.0),),
    viewport=((-2.0, 2.0), (-1.0, 3.0)),
)


def _himmelblau(x, y):
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _himmelblau_df(x, y):
    a = x**2 + y - 11
    b = x + y**2 - 7
    return 4 * a * x + 2 * b, 2 * a + 4 * b * y


# Himmelblau 1972: four minima, all with value 0; which one is reached depends on the path.
himmelblau = Surface(
    name="himmelblau",
    title="Himmelblau's function",
    f=_himmelblau,
    df=_himmelblau_df,
    start=(0.0, 0.0),
    minima=(
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ),
    viewport=((-5.5, 5.5), (-5.5, 5.5)),
)


def _rastrigin(x, y):
    return 20 + x**2 + y**2 - 10 * (np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y))


def _rastrigin_df(x, y):
    df_dx = 2 * x + 20 * np.pi * np.sin(2 * np.pi * x)
    df_dy = 2 * y + 20 * np.pi * np.sin(2 * np.pi * y)
    return df_dx, df_dy


# Rastrigin 1974: a bowl covered with dents, each a local minimum.
rastrigin = Surface(
    name="rastrigin",
    title="Rastrigin's function",
    f=_rastrigin,
    df=_rastrigin_df,
    start=(2.3, -1.4),
    minima=((0.0, 0.0),),
    viewport=((-3.0, 3.0), (-3.0, 3.0)),
)


def _matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def _matyas_df(x, y):
    return 0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x


# Matyas 1965: a ravine of condition number 25 along the diagonal, where no method that gives each
# coordinate a learning rate of its own can straighten it.
matyas = Surface(
    name="matyas",
    title="Matyas's function",
    f=_matyas,
    df=_matyas_df,
    start=(-9.0, -4.0),
    minima=((0.0, 0.0),),
    viewport=((-10.0, 10.0), (-10.0, 10.0)),
)


def _camel(x, y):
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


def _camel_df(x, y):
    return 8 * x - 8.4 * x**3 + 2 * x**5 + y, x - 8 * y + 16 * y**3


# Dixon and Szegő 1978, six humps: six minima, two of them global, and a saddle between neighbours.
camel = Surface(
    name="camel",
    title="Six-hump camel",
    f=_camel,
    df=_camel_df,
    start=(-1.9, -0.1),
    minima=((0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)),
    viewport=((-2.1, 2.1), (-1.2, 1.2)),
)


def _goldstein_price(x, y):
    a = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    b = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return a * b


def _goldstein_price_df(x, y):
    s = x + y + 1
    p = 19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2
    d = 2 * x - 3 * y
    q = 18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2
    a = 1 + s**2 * p
    b = 30 + d**2 * q
    a_slope = 2 * s * p + s**2 * (6 * x + 6 * y - 14)  # by x, and the same by y
    b_slope_x = 4 * d * q + d**2 * (24 * x - 36 * y - 32)
    b_slope_y = -6 * d * q + d**2 * (54 * y - 36 * x + 48)
    return a_slope * b + a * b_slope_x, a_slope * b + a * b_slope_y


# Goldstein and Price 1971: from 3 to a million, with gradients as large; a learning rate that is
# safe on the walls stands still on the floor, which is what clipping is for.
goldstein_price = Surface(
    name="goldstein_price",
    title="Goldstein and Price's function",
    f=_goldstein_price,
    df=_goldstein_price_df,
    start=(-1.5, 0.5),
    minima=((0.0, -1.0),),
    viewport=((-2.0, 2.0), (-2.0, 2.0)),
)


def _ackley(x, y):
    r = np.sqrt((x**2 + y**2) / 2)
    c = (np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y)) / 2
    return 20 * (1 - np.exp(-r / 5)) + np.e - np.exp(c)


def _ackley_df(x, y):
    r = np.sqrt((x**2 + y**2) / 2)
    c = (np.cos(2 * np.pi * x) + np.cos(2 * np.pi * y)) / 2
    # The minimum is the tip of a cone and has no gradient: there r is 0, and df returns (0, 0).
    cone = 2 * np.exp(-r / 5) / (r + (1 - np.sign(r)))
    dents = np.pi * np.exp(c)
    df_dx = cone * x + dents * np.sin(2 * np.pi * x)
    df_dy = cone * y + dents * np.sin(2 * np.pi * y)
    return df_dx, df_dy


# Ackley 1987: dents on a funnel that is flat far away and a sharp cone at its tip, where a
# learning rate that does not shrink never settles.
ackley = Surface(
    name="ackley",
    title="Ackley's function",
    f=_ackley,
    df=_ackley_df,
    start=(3.3, -2.4),
    minima=((0.0, 0.0),),
    viewport=((-5.0, 5.0), (-5.0, 5.0)),
)
