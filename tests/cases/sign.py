"""Steps of one size: the sign of the gradient or of an average."""

import keras
import optax

from cases.table import Peer
from optim_lessons import Lion, SignSGD


def keras_lion(o):
    names = {"beta_1": o.beta1, "beta_2": o.beta2, "weight_decay": o.weight_decay}
    return keras.optimizers.Lion(o.lr, **names)


# Hyperparameters unlike any default, so that a name mapped to the wrong place shows.
CASES = {
    SignSGD: [
        Peer("optax", lambda o: optax.signum(o.lr, beta=o.momentum), SignSGD(0.03, momentum=0.8)),
        Peer("optax", lambda o: optax.sign_sgd(o.lr), SignSGD(0.03)),
    ],
    Lion: [
        Peer(
            "optax",
            lambda o: optax.lion(o.lr, o.beta1, o.beta2, weight_decay=o.weight_decay),
            Lion(lr=0.03, beta1=0.8, beta2=0.95, weight_decay=0.2),
        ),
        Peer("Keras", keras_lion, Lion(lr=0.03, beta1=0.8, beta2=0.95, weight_decay=0.2)),
    ],
}
