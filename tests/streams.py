"""Streams of gradients, which do not depend on where the parameters are."""

import numpy as np


def run(optimizer, gradients, state=None):
    """The moves of an optimizer on given gradients, one row a step, and its state after each."""
    zero = np.zeros(np.shape(gradients)[1:])
    state = optimizer.init(zero) if state is None else state
    moves, states = [], []
    for g in gradients:
        move, state = optimizer.step(zero, g, state)
        moves.append(move)
        states.append(state)
    return np.array(moves), states


def moves_on(optimizer, gradients, state=None):
    """The moves alone."""
    return run(optimizer, gradients, state)[0]


def downhill(optimizer, gradients, state=None):
    """The moves against the gradients, in units of the learning rate."""
    return -moves_on(optimizer, gradients, state) / optimizer.lr
