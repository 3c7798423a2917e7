"""`build`: a method of the reader's own choice of rules, its equations, and its path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optim_lessons.contract import variant_name
from optim_lessons.explorer import choices
from optim_lessons.explorer.conditions import without_noise
from optim_lessons.explorer.figure import OnSurface, check_figure
from optim_lessons.explorer.picture import picture
from optim_lessons.explorer.reader import MOST_STEPS, check_readable, generated_for, surface_of
from optim_lessons.explorer.site import METHODS
from optim_lessons.explorer.tuning import tuned
from optim_lessons.framework import FORMS, Framework, name_of
from optim_lessons.minimize import minimize, starting_point
from optim_lessons.problems import Surface
from optim_lessons.trace import trace_step
from optim_lessons.trace.latex import equations

RIVALS = {variant_name(method): method for method in METHODS}
MOST_RIVALS = 4  # more take longer than a frame to tune


class Builder(OnSurface):
    """The figure that `build` makes: `framework` is as the reader chose it."""

    def __init__(self, figure: dict[str, Any], surface: Surface):
        code = generated_for(surface, tuple(METHODS)) + choices.code()
        super().__init__(figure, surface, code)

    @property
    def framework(self) -> Framework:
        """The choice of rules with the numbers that it has now."""
        return choices.framework_of(self.figure["choice"], self.figure["hyper"])

    def picture(self) -> str:
        surface, start = self.surface, self.start
        steps, framework = self.figure["steps"], self.framework
        rivals = [tuned(RIVALS[name], surface, start, steps) for name in self.figure["rivals"]]
        paths = [minimize(o, surface, start, steps) for o in (framework, *rivals)]
        name = name_of(framework)  # whose colour and title the line has
        shown = [FORMS[name] if name else framework, *rivals]
        lines = [latex for _, latex in equations(trace_step(framework))]
        words = f" The equations: {'; '.join(map(_spoken, lines))}."
        plain = {"view": "contours", "side": "loss", "start": start}
        svg = picture(surface, list(zip(shown, paths, strict=True)), plain, words)
        math = "".join(
            f'<math display="block"><mrow>{choices.mathml(line)}</mrow></math>' for line in lines
        )
        return f'{svg}<div class="ol-equations">{math}</div>'


def build(
    framework: Framework | None = None,
    problem: Any = "beale",
    start: Sequence[float] | None = None,
    steps: int = 200,
    rivals: Sequence[str] = (),
    locked: bool = False,
    caption: str = "",
) -> Builder:
    """An interactive figure in which a reader chooses the rules that make a method.

    It shows the equations of the choice, the methods of the book that it equals or nearly does, and
    its path. `framework` is the first choice: plain gradient steps with a tuned learning rate where
    there is none. `problem`, `start`, `steps`, `locked` and `caption` are as in `explore`. `rivals`
    are the names of up to four methods whose paths stand beside, each with the learning rate that
    `tuned` finds from this start.

    Raises ValueError for a hyperparameter out of range, a rule that is not the library's own, a
    rival without a name in the library or more than four, and TypeError for what is no `Framework`;
    else as `explore` does.

    Example:
        >>> from optim_lessons.framework import Framework
        >>> from optim_lessons.rules import Sum
        >>> figure = build(Framework(lr=0.001, phi=Sum(0.8)), rivals=["Adam"])
        >>> figure.framework.phi, figure.figure["choice"]["psi"]
        (Sum(momentum=0.8), None)
    """
    if framework is not None:
        name_of(framework)  # TypeError for what is none
    check_figure(steps, caption, MOST_STEPS, locked=locked)
    if isinstance(rivals, str):
        raise TypeError(f"rivals = {rivals!r} must be a list of names")
    rivals = list(rivals)
    for name in rivals:
        if name not in RIVALS:
            raise ValueError(f"rivals: {name!r} is none of {', '.join(RIVALS)}")
    if len(set(rivals)) < len(rivals) or len(rivals) > MOST_RIVALS:
        raise ValueError(f"rivals = {rivals} must be {MOST_RIVALS} different names at most")
    problem, noise = without_noise(problem)
    if noise:
        raise TypeError("build shows no noise: give it the problem itself")
    surface = surface_of(problem, [framework or Framework()], start, steps)
    check_readable(framework or Framework(), surface)
    x, y = starting_point(surface, start, "start")
    framework = framework or tuned(Framework(), surface, (x, y), steps)
    figure = {
        "kind": "build",
        "surface": surface.name,
        "start": [float(x), float(y)],
        "steps": steps,
        "choice": choices.choice_of(framework),
        "hyper": choices.values_of(framework),
        "rivals": rivals,
        "locked": locked,
        "caption": caption,
    }
    return Builder(figure, surface)


def _spoken(latex: str) -> str:
    """An equation without the marks that only concern its looks."""
    for mark, word in ((r"\,", " "), (r"\left", ""), (r"\right", "")):
        latex = latex.replace(mark, word)
    return latex
