"""`regions` in Python: its numbers are the browser's, what it refuses, what can be read back."""

import gzip
import json

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_hex
from node import execute
from test_explore import Halving, html_of

from optim_lessons import FTRL, SGD, Adam, Momentum, Nesterov, RMSprop, look, minimize, problems
from optim_lessons.contract import hyper_of, variant_name
from optim_lessons.explorer import regions, write_site
from optim_lessons.explorer.bundle import JS
from optim_lessons.explorer.region_axis import SIDE, axis_of
from optim_lessons.explorer.region_theory import EDGES, curvature_near, polyak
from optim_lessons.explorer.regions import lowest_of
from optim_lessons.explorer.site import METHODS
from optim_lessons.problems import SURFACES

MAPPED = [method for method in METHODS if len(hyper_of(method)) > 1]


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """Run a script in Node that sees the explorer's modules, the generated code and `data`."""
    folder = tmp_path_factory.mktemp("site")
    write_site(folder)

    def node(script, data=None):
        names = ("axis", "choice", "runs")
        lines = [
            f'import * as {name} from "{(JS / f"region-{name}.js").as_uri()}";' for name in names
        ]
        lines += [
            f'import * as generated from "{(folder / "generated.js").as_uri()}";',
            f'import * as stability from "{(JS / "stability.js").as_uri()}";',
            f'import {{ lowestOf, regions }} from "{(JS / "regions.js").as_uri()}";',
            'import { readFileSync } from "node:fs";',
            'const data = JSON.parse(readFileSync(0, "utf8"));',
            f"const result = (() => {{ {script} }})();",
            # JSON has neither infinity nor NaN
            "process.stdout.write(JSON.stringify(result, (_, x) =>"
            ' typeof x === "number" && !Number.isFinite(x) ? String(x) : x));',
        ]
        return execute("--input-type=module", "--eval", "\n".join(lines), data=data)

    return node


MAP = """
const { optimizer: { method, axes: names, hyper }, surface, start, steps } = data;
const values = choice.axesOf(generated.optimizers[method], names).map((axis) => axis.values);
const task = { method, surface, start, steps, hyper, names, values };
const rows = [...runs.rowsOf(generated, task)].filter((row) => row && row.every === 1);
return { losses: rows.map((row) => row.losses), diverged: rows.map((row) => row.diverged) };
"""


def in_browser(node, figure):
    """The map that the browser's code computes, as arrays."""
    result = node(MAP, figure.figure)
    losses = np.array([[float(x) for x in row] for row in result["losses"]])
    return losses, np.array(result["diverged"])


@pytest.mark.parametrize("optimizer", [Momentum(), Momentum(average=True), Nesterov()])
@pytest.mark.parametrize("surface", ["ravine", "matyas"])
def test_on_quadratics_the_map_of_the_browser_is_that_of_sweep_exactly(node, optimizer, surface):
    figure = regions(optimizer, surface)
    losses, diverged = in_browser(node, figure)
    ends = figure.sweep
    assert 0 < diverged.sum() < 3000
    np.testing.assert_array_equal(diverged, ends.diverged)
    np.testing.assert_array_equal(losses, ends.value)


@pytest.mark.parametrize(
    ("optimizer", "axes", "steps"),
    [
        (Adam(), ("lr", "beta2"), 60),
        (RMSprop(), ("rho", "lr"), 60),
        (FTRL(), ("l1", "lr"), 60),
    ],
)
def test_the_map_of_the_browser_is_that_of_sweep(node, optimizer, axes, steps):
    figure = regions(optimizer, "matyas", axes, steps=steps)
    losses, diverged = in_browser(node, figure)
    ends = figure.sweep
    np.testing.assert_array_equal(diverged, ends.diverged)
    np.testing.assert_allclose(losses, ends.value, rtol=1e-9, atol=1e-24)


def test_a_cell_is_a_run_of_minimize():
    figure = regions(Adam(lr=0.1), "beale", ("lr", "eps"), steps=50)
    i, j = figure.figure["optimizer"]["cell"]
    alone = minimize(figure.optimizer, problems.beale, steps=50).value[-1]
    assert figure.sweep.value[j, i] == pytest.approx(alone, rel=1e-12)


def test_axes_have_the_same_values_in_python_and_in_the_browser(node):
    found = node(
        "return Object.fromEntries(Object.entries(generated.optimizers).map(([name, { hyper }]) =>"
        " [name, Object.fromEntries(hyper.map((h) => [h.name, axis.mapAxis(h).values]))]));"
    )
    assert len(MAPPED) > 15
    for method in MAPPED:
        for name, info in hyper_of(method).items():
            values = axis_of(info).values
            assert found[variant_name(method)][name] == values.tolist(), name
            assert [axis_of(info).nearest(value) for value in values] == list(range(SIDE))


def test_theory_and_the_lowest_loss_are_the_same_in_python_and_in_the_browser(node):
    found = node(
        """
        const near = Object.entries(generated.surfaces).map(([name, surface]) =>
          [name, [stability.curvatureNear(surface, surface.start), lowestOf(surface)]]);
        const edges = Object.entries(stability.EDGES).map(([name, { limit, best }]) =>
          [name, [limit(0.7), best ? best(stability.polyak(1, 20)) : null]]);
        return { near: Object.fromEntries(near), edges: Object.fromEntries(edges) };
        """
    )
    for name, surface in SURFACES.items():
        theirs, lowest = found["near"][name]
        ours = curvature_near(surface, surface.start)
        assert lowest == pytest.approx(lowest_of(surface), rel=1e-12, abs=1e-15)
        assert (ours is None) == (theirs is None), name
        if ours:
            assert [theirs["mu"], theirs["L"]] == pytest.approx(ours[:2], rel=1e-6, abs=1e-6)
            assert theirs["exact"] == ours.exact == (name in ("ravine", "matyas"))
    assert set(found["edges"]) == set(EDGES)
    for name, (limit, best) in found["edges"].items():
        assert limit == pytest.approx(EDGES[name](0.7))
        pair = polyak(name, 1, 20)
        assert (best is None) == (pair is None)
        if pair:
            assert [best["lr"], best["momentum"]] == pytest.approx(pair)


@pytest.mark.parametrize("optimizer", [Momentum(), Momentum(average=True), Nesterov()])
def test_runs_beyond_the_edge_of_theory_climb_and_runs_before_it_fall(optimizer):
    figure = regions(optimizer, "ravine", steps=1000)
    values, first = figure.sweep.value, problems.ravine.value(np.array(figure.start))
    lr, momentum = (axis_of(info).values for info in hyper_of(optimizer).values())
    edge = EDGES[variant_name(optimizer)](momentum)[:, None] / 20
    slow = (momentum < 0.98)[:, None]  # near 1, a thousand steps are too few to tell
    beyond = slow & (lr > 1.02 * edge)
    before = slow & (lr < 0.98 * edge)
    assert beyond.sum() > 300 and before.sum() > 300
    assert not np.any(values[beyond] <= first)  # larger, or not a number
    assert np.all(values[before] < first)


def test_polyaks_pair_is_near_the_lowest_cell_of_many_steps():
    figure = regions(Momentum(), "ravine", steps=50)
    j, i = np.unravel_index(np.nanargmin(figure.sweep.value), (SIDE, SIDE))
    infos = hyper_of(Momentum())
    pair = polyak("Momentum", 1, 20)
    places = [axis_of(infos[n]).place(x) for n, x in zip(("lr", "momentum"), pair, strict=True)]
    assert np.hypot(i - places[0], j - places[1]) < 4


def test_the_printed_python_gives_the_figure(node):
    figures = [
        regions(Adam(lr=0.2, beta1=0.5, eps=1e-4), "beale", ("beta2", "lr"), (0, 1.25), 500),
        regions(Momentum(average=True), "ravine", locked=True, caption='The "ravine"'),
    ]
    for figure in figures:
        text = node("return regions.python(data, generated);", figure.figure)
        names: dict = {}
        *imports, call = text.split("\n\n")
        exec("\n".join(imports), names)
        assert eval(call.strip(), names).figure == figure.figure


def test_the_chosen_cell_is_nearest_to_the_optimizer_and_what_the_reader_chose_is_read_back():
    figure = regions(Adam(lr=0.1, beta1=0.8), "beale")
    assert figure.optimizer.lr == pytest.approx(0.1, rel=0.1)
    assert 1 - figure.optimizer.beta1 == pytest.approx(0.2, rel=0.08)
    assert (figure.optimizer.beta2, figure.optimizer.eps) == (0.999, 1e-8)
    chosen = json.loads(json.dumps(figure.figure))
    chosen["optimizer"] |= {"method": "Momentum_average", "axes": ["momentum", "lr"],
                            "cell": [0, 63], "hyper": {}}  # fmt: skip
    figure.set_state({"figure": chosen | {"start": [2.0, 1.0]}})  # as the browser's message does
    found = figure.optimizer
    assert (type(found), found.average, found.momentum, found.lr) == (Momentum, True, 0.0, 10.0)
    assert figure.start == (2.0, 1.0)


@pytest.mark.parametrize("name", SURFACES)
def test_the_picture_is_light_on_every_surface(name):
    page = html_of(regions(Nesterov(), name, caption="A & b"))
    assert '<svg role="img" aria-label="Final loss of Nesterov momentum on' in page
    assert "data:image/png" in page and "A &amp; b" in page
    assert len(gzip.compress(page.encode())) < 30_000


def test_the_ramp_is_cividis():
    assert [to_hex(colormaps["cividis"](u)) for u in np.linspace(0, 1, 16)] == look.RAMP


def test_the_readers_own_method_and_functions_have_a_map_with_the_edge_at_the_minimum_found():
    own = type("Own", (Halving,), {})
    with pytest.raises(ValueError, match="Own has fewer than two hyperparameters"):
        regions(own(), "ravine")

    def value(theta):
        x, y = theta
        return (x - 1) ** 2 + 5 * y**2 + 0 * x

    def grad(theta):  # takes one point at a time only
        return np.array([2 * (theta[0] - 1), 10 * theta[1]])

    figure = regions(Momentum(lr=0.05), (value, grad), start=(3, 1))
    minimum = figure.surface.minima[0]
    assert minimum == pytest.approx((1, 0), abs=1e-6)
    assert pytest.approx(10) == curvature_near(figure.surface, figure.start).L
    assert figure.sweep.value.min() < 1e-10
    assert "<svg" in html_of(figure)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"axes": ("lr", "lr")}, "axes = .* must be two of Adam's 'lr', 'beta1', 'beta2', 'eps'"),
        ({"axes": ("lr", "rho")}, "axes = "),
        ({"axes": ("lr",)}, "axes = "),
        ({"steps": 49}, r"steps = 49 is outside \[50, 1000\]"),
        ({"steps": 1001}, "steps = 1001"),
        ({"optimizer": SGD()}, "SGD has fewer than two .* Momentum at momentum = 0"),
        ({"optimizer": Adam(lr=-1)}, "lr"),
        ({"problem": "hill"}, "problem = 'hill' is none of"),
    ],
)
def test_what_cannot_be_mapped_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        regions(**{"optimizer": Adam(), "problem": "beale"} | arguments)


def test_wrong_types_are_refused_by_name():
    with pytest.raises(TypeError, match="locked = 1"):
        regions(Adam(), "beale", locked=1)
    with pytest.raises(TypeError, match="caption = 3"):
        regions(Adam(), "beale", caption=3)
    with pytest.raises(TypeError, match=r"steps = 99\.5"):
        regions(Adam(), "beale", steps=99.5)
    with pytest.raises(TypeError, match="int is not an optimizer"):
        regions(3, "beale")
