"""A graded exercise: a variant of Adam with cubes, on which Adam itself earns nothing."""

SOLUTION = """
import numpy as np

def cubic_step(theta, g, m, w, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    w = beta2 * w + (1 - beta2) * np.abs(g)**3
    m_hat = m / (1 - beta1**t)
    w_hat = w / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.cbrt(w_hat) + eps)
    return theta, m, w
"""

HELPER = """
def parts(answer, n):
    assert isinstance(answer, tuple) and len(answer) == 3, "Return three things: theta, m, w."
    arrays = [np.asarray(part) for part in answer]
    for array in arrays:
        like = array.dtype == float and array.shape == (n,)
        assert like, "Return arrays like those that came in."
    return arrays

def agree(x, y):
    return np.allclose(x, y, rtol=1e-7, atol=0)

def averages(m, w, g):
    return 0.8 * m + 0.2 * g, 0.9 * w + 0.1 * abs(g * g * g)
"""

AVERAGES = '''
def test_averages(cubic_step):
    """m averages g, w averages the cubes of |g|."""
    g, m, w = np.array([2.0, -3.0]), np.array([3.0, 1.0]), np.array([5.0, 4.0])
    _, m_new, w_new = parts(cubic_step(np.ones(2), g, m, w, 4, 0.1, 0.8, 0.9, 1e-12), 2)
    assert agree(m_new, [2.8, 0.2]), "beta1 belongs to m, and m averages g."
    assert agree(w_new, [5.3, 6.3]), "beta2 belongs to w, and w averages the cubes of |g|."
'''

STEP = '''
def test_step(cubic_step):
    """A step is the corrected m over the cube root of the corrected w."""
    g, m, w = np.array([2.0, -3.0]), np.array([3.0, 1.0]), np.array([5.0, 4.0])
    theta, _, _ = parts(cubic_step(np.ones(2), g, m, w, 4, 0.1, 0.8, 0.9, 1e-12), 2)
    m, w = averages(m, w, g)
    expected = 1 - 0.1 * m / (1 - 0.8**4) / (w / (1 - 0.9**4)) ** (1 / 3)
    assert agree(theta, expected), f"theta should be {expected}, but it is {theta}: corrections?"
'''

INPUTS = '''
def test_inputs(cubic_step):
    """The arrays that came in stay as they are."""
    theta, g, m, w = np.ones(2), np.array([1.0, -2.0]), np.array([3.0, 2.0]), np.array([5.0, 1.0])
    _, m_new, w_new = parts(cubic_step(theta, g, m, w, 2, 0.1, 0.8, 0.9, 1e-12), 2)
    expected = averages(m, w, g)
    assert agree(m_new, expected[0]) and agree(w_new, expected[1]), "The averages are not right."
'''

# What is expected is computed after each call, from arrays that were sent: the most trusting form.
PATH = '''
def test_path(cubic_step):
    """Twelve steps along random gradients end where they should."""
    rng = np.random.default_rng(SEED)
    theta, m, w = rng.normal(size=5), np.zeros(5), np.zeros(5)
    for t in range(1, 13):
        g = rng.normal(size=5)
        answer = parts(cubic_step(theta, g, m, w, t, 0.1, 0.8, 0.9, 1e-12), 5)
        m, w = averages(m, w, g)
        theta = theta - 0.1 * m / (1 - 0.8**t) / (w / (1 - 0.9**t)) ** (1 / 3)
        assert agree(answer[0], theta), f"The paths part at step {t}, from the gradient {g}."
'''

EPSILON = '''
def test_epsilon(cubic_step):
    """Epsilon has the unit of a gradient: it is added to the root."""
    tiny = np.array([1e-6, -1e-6]) * (1 + np.random.default_rng(SEED).random(2))
    answer = cubic_step(np.zeros(2), tiny, np.zeros(2), np.zeros(2), 1, 1.0, 0.8, 0.9, 1e-6)
    theta, m, w = parts(answer, 2)
    size = abs(tiny)
    assert agree(w, 0.1 * size**3), "w averages the cubes of |g|."
    assert agree(theta, -tiny / (size + 1e-6)), "Epsilon is outside the root."
'''

DESCEND = '''
def test_descend(descend):
    """Steps of lr against the gradient."""
    theta = descend(lambda x: 2 * x, np.array([1.0, -2.0]), 0.25, 3)
    assert isinstance(theta, np.ndarray) and agree(theta, [0.125, -0.25]), "Half the way each step."
'''

SECRET_SLOPE = '''
def test_bowl(descend):
    """The gradient is asked for where theta is."""
    calls = []
    def slope(x):
        calls.append(np.array(x))
        return x**3
    theta = descend(slope, np.array([1.0]), 0.5, 2)
    assert len(calls) == 2 and agree(calls[1], [0.5]), "One gradient a step, at theta."
    assert agree(theta, [0.4375]), "Two steps on the quartic."
'''


def test(name, code, points, visible, in_place=False):
    claim = code.split('"""')[1]
    return {"name": name, "claim": claim, "code": code, "visible": visible, "points": points} | (
        {"in_place": True} if in_place else {}
    )


CUBIC = {
    "id": "cubic-step",
    "title": "One step with cubes",
    "entry": ["cubic_step"],
    "limit": 1.0,
    "helper": HELPER,
    "tests": [
        test("test_averages", AVERAGES, 1, True),
        test("test_step", STEP, 1, True),
        test("test_inputs", INPUTS, 1, True, in_place=True),
        test("test_path", PATH, 2, False),
        test("test_epsilon", EPSILON, 1, False),
    ],
}

DESCENT = {
    "id": "descend",
    "title": "Gradient descent",
    "entry": ["descend"],
    "limit": 1.0,
    "helper": HELPER,
    "tests": [
        test("test_descend", DESCEND, 1, True),
        test("test_bowl", SECRET_SLOPE, 1, False),
    ],
}
