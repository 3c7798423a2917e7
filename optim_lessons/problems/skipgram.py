"""Skip-gram with negative sampling: word vectors from a text, the gradient by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optim_lessons.contract import Array
from optim_lessons.problems.activations import sigmoid, softplus
from optim_lessons.problems.checks import generator, whole
from optim_lessons.problems.layout import Layout


class SkipGram:
    """Tell the words that stand near a word from words drawn at random.

    A pair (c, o) is a word and one that stands at most `window` places away. With the vectors V of
    words in the centre and U of words around them, the value is the mean over all pairs of

        -log sigmoid(u_o . v_c) - negatives * E[log sigmoid(-u_w . v_c)],

    where w is noise, drawn in proportion to (number of times in the text)**(3/4). Pairs are
    counted by word, so that the expectation is exact and `value` and `grad` cost
    vocabulary**2 * size, not a pass over the text. With `batch`, `sample(t, rng)` draws that many
    pairs, and `negatives` words of noise for each: its gradient has the exact one as its mean, and
    is 0 outside the rows drawn. It is returned dense all the same, as every optimizer takes it, so
    a step costs 2 * vocabulary * size numbers however small the batch.

    Shapes: theta is V (vocabulary, size), U (vocabulary, size). `vocabulary` is a tuple, the most
    frequent word first; words rarer than `min_count` are left out of the text.
    Errors: ValueError for a number out of range, or a text with fewer than two words left;
    TypeError for words that are not strings, or an rng that is not a Generator.
    Variant: every pair of the window counts once (word2vec's program shrinks windows at random, and
    leaves out noise equal to o); no subsampling of frequent words.
    Source: Mikolov, Sutskever, Chen, Corrado and Dean 2013 (arXiv 1310.4546), equation 4; the
    counting of pairs: Levy and Goldberg 2014. Start, as word2vec's program: V uniform within
    1/(2 size), U = 0.

    Example:
        >>> import numpy as np
        >>> from optim_lessons import Adam, minimize
        >>> from optim_lessons.problems import text, words
        >>> rng = np.random.default_rng(1)
        >>> model = SkipGram(words(text()), min_count=20, rng=rng)
        >>> path = minimize(Adam(lr=0.05), model, steps=100)
        >>> path.value[[0, 20, 100]].round(3)
        array([4.159, 2.755, 2.534])
        >>> model.nearest(path.theta[-1], "queen", count=3)
        ['gryphon', 'king', 'duchess']
    """

    def __init__(
        self,
        words: Sequence[str],
        size: int = 16,
        window: int = 2,
        negatives: int = 5,
        min_count: int = 5,
        *,
        rng: np.random.Generator,
        batch: int | None = None,
    ) -> None:
        is_list = isinstance(words, Sequence) and not isinstance(words, str)
        if not (is_list and all(isinstance(word, str) for word in words)):
            raise TypeError("words must be a sequence of strings: words(text) makes one of a text")
        self.size = whole("size", size, low=1)
        self.negatives = whole("negatives", negatives, low=1)
        self.batch = None if batch is None else whole("batch", batch, low=1)
        window = whole("window", window, low=1)
        min_count = whole("min_count", min_count, low=1)

        often = [(w, n) for w, n in Counter(words).most_common() if n >= min_count]
        self.vocabulary = tuple(w for w, _ in often)
        self.index = {w: k for k, w in enumerate(self.vocabulary)}
        ids = np.array([self.index[w] for w in words if w in self.index], dtype=np.intp)
        if len(ids) < 2:
            raise ValueError(f"words has {len(ids)} words that occur min_count = {min_count} times")

        # Each two words j <= window places apart are two pairs: either can be the centre.
        near = range(1, min(window, len(ids) - 1) + 1)
        left = np.concatenate([ids[:-j] for j in near])
        right = np.concatenate([ids[j:] for j in near])
        self.centre = np.concatenate([left, right])
        self.context = np.concatenate([right, left])

        weight = np.array([n for _, n in often]) ** 0.75
        self.noise = weight / weight.sum()
        count = len(self.vocabulary)
        pairs = np.bincount(self.centre * count + self.context, minlength=count**2)
        self.pair_share = pairs.reshape(count, count) / len(self.centre)  # [c, o], its sum is 1
        noise_share = self.negatives * np.outer(self.pair_share.sum(axis=1), self.noise)
        self.all_share = self.pair_share + noise_share

        self.layout = Layout(V=(count, self.size), U=(count, self.size))
        self.start = np.zeros(self.layout.size)
        self.layout.views(self.start)["V"][:] = (
            generator(rng).uniform(-0.5, 0.5, (count, self.size)) / self.size
        )

    def _pull(self, theta: Array) -> tuple[float, Array]:
        """The value, and its derivative by each score u_o . v_c, as a matrix [c, o]."""
        v = self.layout.views(theta)
        score = v["V"] @ v["U"].T
        # -log sigmoid(s) is softplus(s) - s, and -log sigmoid(-s) is softplus(s).
        value = np.sum(self.all_share * softplus(score) - self.pair_share * score)
        return float(value), self.all_share * sigmoid(score) - self.pair_share

    def value(self, theta: Array) -> float:
        return self._pull(theta)[0]

    def value_and_grad(self, theta: Array) -> tuple[float, Array]:
        value, d_score = self._pull(theta)
        v = self.layout.views(theta)
        g = np.empty_like(theta)
        dv = self.layout.views(g)
        dv["V"][:] = d_score @ v["U"]
        dv["U"][:] = d_score.T @ v["V"]
        return value, g

    def grad(self, theta: Array) -> Array:
        return self.value_and_grad(theta)[1]

    @property
    def sample(self) -> Callable[[int, np.random.Generator], SampledPairs] | None:
        return None if self.batch is None else self._sample

    def _sample(self, t: int, rng: np.random.Generator) -> SampledPairs:
        drawn = rng.integers(len(self.centre), size=self.batch)
        noise = rng.choice(len(self.noise), size=(len(drawn), self.negatives), p=self.noise)
        outer = np.column_stack([self.context[drawn], noise])
        return SampledPairs(self.layout, self.centre[drawn], outer)

    def nearest(self, theta: Array, word: str, count: int = 5) -> list[str]:
        """The `count` words whose vectors V point most nearly where that of `word` does."""
        if word not in self.index:
            raise ValueError(f"word = {word!r} is not in the vocabulary")
        count = whole("count", count, 1, len(self.vocabulary) - 1)
        v = self.layout.views(theta)["V"]
        unit = v / np.linalg.norm(v, axis=1, keepdims=True)
        order = np.argsort(-(unit @ unit[self.index[word]]))
        return [self.vocabulary[k] for k in order if k != self.index[word]][:count]


@dataclass(frozen=True, eq=False)
class SampledPairs:
    """The problem of one step: some pairs, each with its noise.

    Shapes: centre (n,); outer (n, 1 + negatives), the true neighbour first, then the noise.
    """

    layout: Layout
    centre: NDArray[np.intp]
    outer: NDArray[np.intp]

    def value(self, theta: Array) -> float:
        return self.value_and_grad(theta)[0]

    def grad(self, theta: Array) -> Array:
        return self.value_and_grad(theta)[1]

    def value_and_grad(self, theta: Array) -> tuple[float, Array]:
        v = self.layout.views(theta)
        v_c, u_o = v["V"][self.centre], v["U"][self.outer]  # (n, size), (n, 1 + negatives, size)
        score = (u_o @ v_c[:, :, None])[:, :, 0]  # (n, 1 + negatives)
        d_score = sigmoid(score)
        d_score[:, 0] -= 1
        d_score /= len(score)
        value = (softplus(score).sum() - score[:, 0].sum()) / len(score)

        g = np.zeros_like(theta)
        dv = self.layout.views(g)
        # A word may be drawn more than once: its rows add up, which `+=` on an index would lose.
        np.add.at(dv["V"], self.centre, (d_score[:, None, :] @ u_o)[:, 0, :])
        np.add.at(dv["U"], self.outer, d_score[:, :, None] * v_c[:, None, :])
        return float(value), g
