"""How long a reader waits for a figure: from a cold page to the first thing drawn and usable."""

from page import serve

from optim_lessons import SGD, Adam, Momentum
from optim_lessons.explorer import build, cloud, explore, modes, online, regions
from optim_lessons.framework import row

TITLE = "From opening a page, nothing cached, to a figure that answers (local server)"
ROUNDS, ONE_THREAD = 5, True
UNIT = "explore"


def contestant(make):
    """Open the page in a new browser context each time, until the figure has been painted."""

    def prepare():
        browser, address = serve(make())

        def run():
            context = browser.new_context(viewport={"width": 1000, "height": 1000})
            page = context.new_page()
            page.goto(address, wait_until="commit")
            page.wait_for_selector(".ol-body :is(input, button)")
            # Since the navigation began; the second frame comes after the first is on the screen.
            run.seconds = page.evaluate(
                "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
                "() => done(performance.now() / 1000))))"
            )
            context.close()
            return ()

        return run

    return prepare


def unit(name):
    """The row that every row is compared with."""
    return UNIT


CONTESTANTS = {
    UNIT: contestant(lambda: explore("beale", [SGD(lr=0.02), Adam(lr=0.3)])),
    "explore, from the side": contestant(lambda: explore("beale", [Adam(lr=0.3)], view="height")),
    "build": contestant(lambda: build(row(Adam(lr=0.1)), rivals=["Momentum"])),
    "regions (the map goes on in its worker)": contestant(
        lambda: regions(Momentum(lr=0.02), "ravine")
    ),
    "modes": contestant(modes),
    "cloud": contestant(cloud),
    "online": contestant(online),
}
GOALS = []
