"""Script per frame of the figure `explore`, in Chromium, under a hand that does not rest."""

import numpy as np
from page import serve

from optim_lessons import TRACED
from optim_lessons.contract import with_lr
from optim_lessons.explorer import explore

TITLE = (
    "Script in a frame of `explore`: ten methods, 200 steps; results: median and 95th percentile"
)
STEPS, ROUNDS, ONE_THREAD = 200, 3, True
UNIT = "a slider is dragged: contours, loss"
MOVES = 60  # of the mouse, each before a frame of its own
METHODS = [with_lr(cls(), 0.01) for cls in TRACED.values() if "lr" in cls.__annotations__][:10]

# What a frame costs: its own callback, and the handlers of what the hand did before it.
TIMED = """
window.spent = [];
let handlers = 0;
const timed = (call) => function (...args) {
  const begin = performance.now();
  try { return call.apply(this, args); } finally { handlers += performance.now() - begin; }
};
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (name, call, ...rest) {
  const counts = ["input", "pointermove"].includes(name);
  return listen.call(this, name, counts ? timed(call) : call, ...rest);
};
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (call) => ask((now) => {
  timed(call)(now);
  spent.push(handlers);
  handlers = 0;
});"""


def contestant(target, **options):
    """Drag over an element, from its left to its right, and time the frames."""

    def prepare():
        browser, address = serve(explore("beale", METHODS, steps=STEPS, **options))
        page = browser.new_page(viewport={"width": 1000, "height": 1400})
        page.add_init_script(TIMED)
        page.goto(address)
        page.wait_for_selector(".ol-method")

        def run():
            page.evaluate("spent.length = 0")
            box = page.locator(target).first.bounding_box()
            middle = box["y"] + box["height"] / 2
            page.mouse.move(box["x"] + 0.3 * box["width"], middle)
            page.mouse.down()
            for k in range(MOVES):
                page.mouse.move(box["x"] + (0.3 + 0.5 * k / MOVES) * box["width"], middle)
                page.evaluate("new Promise(requestAnimationFrame)")
            page.mouse.up()
            spent = np.array(page.evaluate("spent"))
            spent = spent[spent > 0.2]  # not the frames that this loop itself asked for
            assert len(spent) > MOVES / 3, "the figure was not drawn"
            run.seconds = np.median(spent) / 1000
            return [float(np.median(spent)), float(np.percentile(spent, 95))]

        return run

    return prepare


def unit(name):
    """The row that every row is compared with."""
    return UNIT


SLIDER = ".ol-method input[type=range]"
CONTESTANTS = {
    UNIT: contestant(SLIDER),
    "a slider is dragged: the step's parts, rates": contestant(SLIDER, side="rate", arrows=True),
    "a slider is dragged: 3-D, state": contestant(SLIDER, view="height", side="state"),
    "the start is dragged: contours, loss": contestant(".ol-contours"),
    "the surface is turned: 3-D, loss": contestant(".ol-heights", view="height"),
}
GOALS = []
