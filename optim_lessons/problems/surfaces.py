"""The surfaces by name, in the order of the explorer's menu."""

from optim_lessons.problems.classics import (
    ackley,
    beale,
    camel,
    goldstein_price,
    himmelblau,
    matyas,
    rastrigin,
    rosenbrock,
)
from optim_lessons.problems.ideas import (
    kink,
    monkey_saddle,
    neuron,
    ravine,
    saddle,
    two_layers,
    wells,
)

SURFACES = {
    s.name: s
    for s in (
        *(beale, rosenbrock, himmelblau, ravine, saddle, rastrigin, matyas, camel),
        *(goldstein_price, ackley, kink, monkey_saddle, two_layers, neuron, wells),
    )
}
