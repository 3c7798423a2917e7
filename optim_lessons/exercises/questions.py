"""Concept questions that answer at once, with a reason for each option.

An option is a `<details>`: pressing it shows whether it is right, and why. So a question needs no
kernel, no script and no style sheet; it works by keyboard, and in a notebook as on the page. (A
library such as jupyterquiz draws its questions by a script from the output of a cell.)
"""

from __future__ import annotations

import html
import re

OPTION = re.compile(r"^- \[([ x])\] (.+)\n((?:(?:  .*)?\n)+)", re.M)


class QuestionError(Exception):
    """What is wrong with a question."""


def question_html(source: str, number: int) -> str:
    """Make Markdown of a question, whose options begin with "- [ ] " or, the right one, "- [x] ".

    The lines below an option, indented, are its reason. An option is plain text, with `code`;
    formulas stand in the question and in the reasons.
    """
    options = OPTION.findall(source + "\n\n")
    text = source.split("\n- [", 1)[0].strip()
    right = sum(mark == "x" for mark, *_ in options)
    if len(options) < 2 or right != 1 or not all(reason.strip() for *_, reason in options):
        raise QuestionError(
            "a question should have two or more options, `- [ ] ...`, each with its reason in the "
            "indented lines below, and one of them right, `- [x] ...`"
        )
    if OPTION.sub("", source[len(text) :] + "\n\n").strip():
        raise QuestionError("a question should end with its options and their reasons")
    parts = [f"**Question {number}.** {text}", '<div class="ol-question">']
    for mark, option, reason in options:
        if "$" in option:
            raise QuestionError(f"an option is plain text, without formulas: {option!r}")
        label = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(option.strip(), quote=False))
        reason = "\n".join(line[2:] for line in reason.splitlines()).strip()
        verdict = "**Right.**" if mark == "x" else "**Not so.**"
        parts.append(
            f'<details name="question-{number}"><summary>{label}</summary>\n\n'
            f"{verdict} {reason}\n\n</details>"
        )
    return "\n\n".join([*parts, "</div>"])
