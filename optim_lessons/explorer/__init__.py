"""The interactive figure: paths over contours, and losses, under the reader's hand.

One module of JavaScript draws it on the site, with no kernel, and as a widget in a notebook. The
optimizers and surfaces that it runs are printed from the Python source by the trace.
"""

from optim_lessons.explorer.build import Builder, build
from optim_lessons.explorer.explore import Explorer, explore
from optim_lessons.explorer.site import write_site

__all__ = ["Builder", "Explorer", "build", "explore", "write_site"]
