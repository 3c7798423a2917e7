"""Read back the LaTeX that the trace prints, with values for its symbols.

Written against the page, not against the printer: a formula means what a reader of it would say.
"""

import re

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?(?:e[+-]\d+)?)
  | (?P<sign>\\left(?:[(|]|\\lfloor)|\\right(?:[)|]|\\rfloor)|\\bmod|\\,|\\cdot|\\ge|\\le|\\\\|\\pi
        |[-+^{}()=<>,&])
  | (?P<call>\\(?:frac|sqrt|max|min|exp|log|sin|cos|begin\{cases\}|end\{cases\}
        |text\{(?:if\ |else)\}|operatorname\{(?:sign|clip)\}))
  | (?P<symbol>(?:\\(?:hat|bar)\{\\?[a-z]+\}|\\mathrm\{\w+\}|\\[A-Za-z]+|[A-Za-z])
        (?:_\{[^{}]*\}|_\d)?)
  )""",
    re.VERBOSE,
)
CALLS = {
    r"\max": "maximum",
    r"\min": "minimum",
    r"\exp": "exp",
    r"\log": "log",
    r"\sin": "sin",
    r"\cos": "cos",
    r"\operatorname{sign}": "sign",
    r"\operatorname{clip}": "clip",
}
COMPARE = {">": "greater", r"\ge": "greater_equal", "<": "less", r"\le": "less_equal"}


def read(latex, values, functions, number):
    """The value of an expression.

    `values` has the value of each symbol, `functions` is NumPy or something with the same names,
    and `number` turns a literal's text into a value.
    """
    reader = Reader(latex, values, functions, number)
    value = reader.sum()
    assert reader.token is None, f"{reader.token} is left over in {latex}"
    return value


class Reader:
    """Recursive descent, one method for each level of binding."""

    def __init__(self, latex, values, functions, number):
        self.latex, self.place, self.token = latex, 0, None
        self.values, self.functions, self.number = values, functions, number
        self.next()

    def next(self):
        """Move to the next token; give back the one before."""
        before = self.token
        if not self.latex[self.place :].strip():
            self.kind, self.token = None, None
            return before
        match = TOKEN.match(self.latex, self.place)
        assert match, f"cannot read {self.latex[self.place :]!r}"
        self.place, self.kind = match.end(), match.lastgroup
        self.token = match[self.kind]
        return before

    def skip(self, token):
        assert self.token == token, f"{token} should stand before {self.latex[self.place :]!r}"
        self.next()

    def comparison(self):
        left = self.sum()
        compare = getattr(self.functions, COMPARE[self.next()])
        return compare(left, self.sum())

    def sum(self):
        value = self.product()
        while self.token in ("+", "-"):
            value = value + self.product() if self.next() == "+" else value - self.product()
        return value

    def product(self):
        if self.token == "-":  # a sign binds less than a product: -a b is -(a b)
            self.next()
            return -self.product()
        value = self.power()
        while self.token in (r"\,", r"\cdot", r"\pi"):
            if self.token != r"\pi":  # 2\pi is a product without a sign
                self.next()
            value = value * self.power()
        return value

    def power(self):
        value = self.atom()
        if self.token != "^":
            return value
        self.next()
        return value ** self.group()

    def group(self):
        self.skip("{")
        value = self.sum()
        self.skip("}")
        return value

    def bracket(self):
        self.skip(r"\left(")
        values = [self.sum()]
        if self.token == r"\bmod":
            self.next()
            values = [self.functions.remainder(values[0], self.sum())]
        while self.token == ",":
            self.next()
            values.append(self.sum())
        self.skip(r"\right)")
        return values

    def atom(self):
        if self.kind == "number":
            return self.number(self.next())
        if self.kind == "symbol":
            return self.values[self.next()]
        if self.token == r"\left(":
            (value,) = self.bracket()
            return value
        token = self.next()
        if token == r"\pi":
            return self.functions.pi
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            return self.functions.sqrt(self.group())
        if token == r"\left|":
            value = self.sum()
            self.skip(r"\right|")
            return self.functions.absolute(value)
        if token == r"\left\lfloor":
            value = self.functions.floor(self.sum())
            self.skip(r"\right\rfloor")
            return value
        if token == r"\begin{cases}":
            return self.cases()
        return getattr(self.functions, CALLS[token])(*self.bracket())

    def cases(self):
        yes = self.sum()
        self.skip("&")
        self.skip(r"\text{if }")
        condition = self.comparison()
        self.skip(r"\\")
        no = self.sum()
        self.skip("&")
        self.skip(r"\text{else}")
        self.skip(r"\end{cases}")
        return self.functions.where(condition, yes, no)
