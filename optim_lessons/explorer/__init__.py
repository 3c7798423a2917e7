"""The interactive figure: paths over contours, and losses, under the reader's hand.

One module of JavaScript draws it on the site, with no kernel, and as a widget in a notebook. The
optimizers and surfaces that it runs are printed from the Python source by the trace.
"""

from optim_lessons.explorer.build import Builder, build
from optim_lessons.explorer.cloud import Cloud, cloud
from optim_lessons.explorer.explore import Explorer, explore
from optim_lessons.explorer.modes import Modes, modes
from optim_lessons.explorer.online import Online, online
from optim_lessons.explorer.recorded import write_recorded
from optim_lessons.explorer.regions import Regions, regions
from optim_lessons.explorer.site import write_site

__all__ = [
    "Builder",
    "Cloud",
    "Explorer",
    "Modes",
    "Online",
    "Regions",
    "build",
    "cloud",
    "explore",
    "modes",
    "online",
    "regions",
    "write_recorded",
    "write_site",
]
