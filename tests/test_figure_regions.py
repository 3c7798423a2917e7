"""Region maps in a real browser, used by mouse, touch and keyboard."""

import json

import numpy as np
import pytest
from test_explorer import drawn, open_page, printed, settled, site, step_of  # noqa: F401 (fixtures)

from optim_lessons import Adam, Momentum, minimize, problems
from optim_lessons.explorer import regions
from optim_lessons.explorer.region_axis import SIDE

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DONE = ".ol-map[aria-busy=false]"


def ravine(**options):
    return regions(Momentum(lr=0.1, momentum=0.6), "ravine", steps=100, **options)


def complete(page):
    """Wait until the map is there."""
    drawn(page)
    page.wait_for_selector(DONE)
    drawn(page)


def inside(page, i, j):
    """Where the middle of a cell is on the page."""
    box = page.locator(".ol-cells").bounding_box()
    x = box["x"] + (i + 0.5) / SIDE * box["width"]
    return x, box["y"] + (1 - (j + 0.5) / SIDE) * box["height"]


def read(page, figure):
    """The figure as the reader has set it, in Python."""
    figure.figure = settled(page)
    return figure


def ends_with_loss_of(page, figure):
    path = minimize(figure.optimizer, figure.surface, figure.start, figure.figure["steps"])
    text = page.locator(".ol-chosen").inner_text()
    assert text.endswith(f"loss {printed(path.value[-1])}"), text


def test_a_click_chooses_the_cell_whose_path_is_drawn(open_page):  # noqa: F811
    page = open_page(ravine(), listen=True)
    page.mouse.click(*inside(page, 35, 20))
    figure = read(page, ravine())
    assert figure.figure["optimizer"]["cell"] == [35, 20]
    ends_with_loss_of(page, figure)
    marks = page.locator(".ol-contours .ol-mark")
    assert marks.count() == 1
    assert "learning rate" in page.locator(".ol-heard").inner_text()


def test_a_drag_goes_through_cells_and_hovering_tells_their_loss(open_page):  # noqa: F811
    page = open_page(ravine(), listen=True)
    complete(page)
    page.mouse.move(*inside(page, 30, 30))
    page.mouse.down()
    page.mouse.move(*inside(page, 33, 12), steps=4)
    page.mouse.up()
    assert settled(page)["optimizer"]["cell"] == [33, 12]
    values = ravine().sweep.value
    for i, j in [(10, 5), (40, 20), (33, 12)]:
        page.mouse.move(*inside(page, i, j))
        text = page.locator(".ol-reading .ol-hint").inner_text()
        assert text.endswith(f"loss {printed(values[j, i])}"), text
    page.mouse.move(*inside(page, 63, 5))
    assert page.locator(".ol-reading .ol-hint").inner_text().endswith("diverged")


def test_arrow_keys_choose_and_focus_is_seen(open_page):  # noqa: F811
    page = open_page(ravine(), listen=True)
    i, j = ravine().figure["optimizer"]["cell"]
    page.get_by_label("Up", exact=True).focus()
    page.keyboard.press("Tab")
    node = page.locator(".ol-map")
    assert node.evaluate("e => e === document.activeElement")
    assert node.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp", "Shift+ArrowRight"):
        page.keyboard.press(key)
    figure = read(page, ravine())
    assert figure.figure["optimizer"]["cell"] == [i + 7, j + 2]
    path = minimize(figure.optimizer, problems.ravine, steps=100)
    assert printed(path.value[-1]) in page.locator(".ol-chosen").inner_text()


def test_a_tap_chooses_and_a_control_is_large(open_page):  # noqa: F811
    page = open_page(ravine(), listen=True, **PHONE)
    page.touchscreen.tap(*inside(page, 20, 25))
    assert settled(page)["optimizer"]["cell"] == [20, 25]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    controls = page.locator(".ol-explorer :is(button, select, input)").all()
    assert len(controls) > 10
    assert all(control.bounding_box()["height"] >= 44 for control in controls)


def test_the_lowest_cell_of_the_map_is_marked_and_told(open_page):  # noqa: F811
    page = open_page(ravine(), listen=True)
    complete(page)
    page.locator(".ol-map").press("ArrowLeft")
    settled(page)
    values = ravine().sweep.value
    j, i = np.unravel_index(np.nanargmin(values), values.shape)
    box = page.locator(".ol-cell-mark").nth(1).bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert middle == pytest.approx(inside(page, i, j), abs=2)
    assert (
        f"lowest loss of the map, {printed(values[j, i])}" in page.locator(".ol-heard").inner_text()
    )


def test_the_start_method_axes_surface_and_steps_make_another_map(open_page):  # noqa: F811
    page = open_page(ravine(), listen=True)
    page.get_by_label("Number of steps").select_option("50")
    page.get_by_label("Surface").select_option("matyas")
    page.get_by_label("Method").select_option("Adam")
    page.get_by_label("Up", exact=True).select_option("beta2")
    assert page.evaluate("document.activeElement.ariaLabel") == "Up"
    page.locator(".ol-contours").press("ArrowRight")
    slider = page.get_by_role("slider", name="Adam: decay of the average gradient")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    complete(page)
    figure = read(page, ravine())
    assert figure.figure["optimizer"]["axes"] == ["lr", "beta2"]
    assert isinstance(figure.optimizer, Adam) and figure.optimizer.beta1 == 0.9  # from 0.9036
    assert figure.figure["steps"] == 50 and figure.start[0] == pytest.approx(-8.6)
    assert step_of(page) == "step 50 of 50"
    ends_with_loss_of(page, figure)
    page.mouse.move(*inside(page, 50, 9))
    told = page.locator(".ol-reading .ol-hint").inner_text()
    assert told.endswith(f"loss {printed(figure.sweep.value[9, 50])}")
    assert "no line" in page.locator(".ol-theory").inner_text().lower()
    page.get_by_label("Across").select_option("beta2")  # the axes change places
    assert settled(page)["optimizer"]["axes"] == ["beta2", "lr"]


def test_play_moves_along_the_chosen_path(open_page):  # noqa: F811
    page = open_page(ravine())
    page.get_by_role("slider", name="Step", exact=True).fill("7")
    drawn(page)
    path = minimize(ravine().optimizer, problems.ravine, steps=100)
    assert (
        page.locator(".ol-chosen")
        .inner_text()
        .endswith(f"after 7 steps loss {printed(path.value[7])}")
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("!document.querySelector('.ol-count').innerText.startsWith('step 7 ')")


def test_a_shared_address_opens_what_was_shared(open_page):  # noqa: F811
    page = open_page(ravine())
    page.locator(".ol-map").press("Shift+ArrowUp")
    page.get_by_role("button", name="Share").click()
    before = page.locator(".ol-chosen").inner_text()
    page.reload()
    page.wait_for_selector(DONE)
    drawn(page)
    assert page.locator(".ol-chosen").inner_text() == before


def test_the_page_never_stalls_while_a_map_is_computed(open_page):  # noqa: F811
    page = open_page(regions(Adam(lr=0.1), "beale"))
    complete(page)
    page.evaluate(
        """() => {
          window.long = [];
          new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration)))
            .observe({ entryTypes: ["longtask"] });
        }"""
    )
    page.get_by_role("slider", name="Adam: epsilon").press("ArrowRight")
    complete(page)
    assert page.evaluate("long") == []


@pytest.mark.parametrize("refused", ["missing", "forbidden"])
def test_where_workers_are_refused_the_page_computes_the_map(open_page, site, refused):  # noqa: F811
    page = open_page(ravine(), listen=True)
    complete(page)
    page.evaluate("unmount()")
    mounted = """async (refused) => {
      if (refused === "forbidden") window.Worker = undefined;
      const { mount } = await import("./figures.js");
      const generated = await import("./generated.js");
      const worker = URL.createObjectURL(new Blob(["throw 0"], { type: "text/javascript" }));
      const element = document.querySelector(".ol-explorer");
      window.unmount = mount(element, JSON.parse(element.dataset.author), { ...generated, worker });
    }"""
    page.evaluate(mounted, refused)
    complete(page)
    page.mouse.move(*inside(page, 10, 5))
    told = page.locator(".ol-reading .ol-hint").inner_text()
    assert told.endswith(f"loss {printed(ravine().sweep.value[5, 10])}")


def test_a_worker_runs_from_blob_addresses_as_in_a_notebook(open_page):  # noqa: F811
    page = open_page(ravine(), listen=True)
    complete(page)
    page.evaluate("unmount()")
    page.evaluate(
        """async () => {
          const blob = async (name) => URL.createObjectURL(
            new Blob([await (await fetch(name)).text()], { type: "text/javascript" }));
          const [address, worker] = [await blob("generated.js"), await blob("worker.js")];
          const { mount } = await import("./figures.js");
          const element = document.querySelector(".ol-explorer");
          const generated = { ...await import(address), address, worker };
          window.unmount = mount(element, JSON.parse(element.dataset.author), generated);
        }"""
    )
    complete(page)
    assert [worker.url[:5] for worker in page.workers] == ["blob:"]
    page.mouse.move(*inside(page, 10, 5))
    told = page.locator(".ol-reading .ol-hint").inner_text()
    assert told.endswith(f"loss {printed(ravine().sweep.value[5, 10])}")


def test_removal_ends_the_worker_and_leaves_no_frame_timer_or_observer(open_page):  # noqa: F811
    page = open_page(regions(Adam(lr=0.1), "beale", steps=1000), listen=True)
    workers = page.workers
    assert len(workers) == 1
    page.get_by_role("button", name="Play").click()
    page.evaluate("unmount()")
    page.wait_for_timeout(100)
    assert page.workers == []
    assert page.evaluate("pending.size") == 0
    assert page.locator(".ol-explorer").inner_html() == ""


def test_removal_without_a_worker_leaves_no_timer(open_page):  # noqa: F811
    page = open_page(regions(Adam(lr=0.1), "beale", steps=1000), listen=True)
    page.evaluate("unmount()")
    page.evaluate(
        """async () => {
          window.Worker = undefined;
          const { mount } = await import("./figures.js");
          const generated = await import("./generated.js");
          const element = document.querySelector(".ol-explorer");
          window.unmount = mount(element, JSON.parse(element.dataset.author), generated);
        }"""
    )
    drawn(page)
    assert page.evaluate("pending.size") > 0
    page.evaluate("unmount()")
    assert page.evaluate("pending.size") == 0


def test_without_javascript_the_picture_is_there(open_page):  # noqa: F811
    page = open_page(ravine(), java_script_enabled=False)
    picture = page.get_by_role("img", name="Final loss of Momentum on A ravine")
    assert picture.bounding_box()["width"] > 400


@pytest.mark.parametrize("width", [360, 768, 2560])
def test_the_map_fits_every_screen(open_page, width):  # noqa: F811
    page = open_page(ravine(), viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        json.loads(page.locator(".ol-explorer").get_attribute("data-figure"))["kind"] == "regions"
    )
    box = page.locator(".ol-map").bounding_box()
    assert 300 < box["width"] < 600
