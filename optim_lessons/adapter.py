"""Any optimizer of the library on a real PyTorch model. Needs the extra `torch`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from numbers import Real
from typing import Any

import numpy as np
import torch

from optim_lessons.contract import Array, map_hyper, validate
from optim_lessons.minimize import oracle_of
from optim_lessons.state import from_plain, to_plain


class TorchOptimizer(torch.optim.Optimizer):
    """A `torch.optim.Optimizer` that steps by an optimizer of this library.

    Shapes: each parameter is a theta of its own. A method that couples one axis takes it as one
    vector, a layer; one that couples two takes matrices only. With `flat=True` the parameters of a
    group are one vector, as a norm of the whole gradient or noise that differs everywhere wants it;
    so they always are to a method that evaluates the loss, as L-BFGS does, which needs
    `step(closure)`. Parameters are float32 or float64 on the CPU and change in place. One without a
    gradient is skipped; as a part of a vector it has the gradient 0.

    Groups: a group holds its hyperparameters by our names, so what a scheduler does to
    `group["lr"]` takes effect. It may name an `"optimizer"` of its own, such as Muon for the
    matrices beside Adam for the rest. `state_dict` holds numbers and tensors only, so `torch.load`
    reads it as it is; the optimizers themselves come from the program.

    Errors: TypeError for what is not an optimizer; ValueError for a hyperparameter out of range, a
    parameter or gradient of another kind, or a state of another form, with nothing changed.

    Example:
        >>> from optim_lessons import Adam
        >>> model, x = torch.nn.Linear(2, 1), torch.eye(2)
        >>> _ = torch.nn.init.zeros_(model.weight)
        >>> optimizer = TorchOptimizer(model.parameters(), Adam(lr=0.1))
        >>> for step in range(2):
        ...     optimizer.zero_grad()
        ...     model(x).sum().backward()
        ...     optimizer.step()
        ...     print(model.weight.data)
        tensor([[-0.1000, -0.1000]])
        tensor([[-0.2000, -0.2000]])
    """

    def __init__(self, params: Any, optimizer: Any, flat: bool = False):
        defaults = {"optimizer": optimizer, "flat": flat, **_hyperparameters(optimizer)}
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group = {param_group!r} must be a dict")
        group = {name: self.defaults[name] for name in ("optimizer", "flat")} | param_group
        if not isinstance(group["flat"], bool):
            raise TypeError(f"flat = {group['flat']!r} is neither True nor False")
        group = _hyperparameters(group["optimizer"]) | group
        optimizer = _optimizer(group)
        super().add_param_group(group)
        try:
            for p in group["params"]:
                _check(p, optimizer, group["flat"])
            if len(self.param_groups) > 1 and any(map(_sees_the_loss, self.param_groups)):
                raise ValueError("a method that evaluates the loss takes one group of parameters")
        except ValueError:
            self.param_groups.pop()
            raise

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take one step; return the loss that `closure`, which must call `backward`, returns."""
        loss = None
        if not (closure is None or callable(closure)):
            raise TypeError(f"closure = {closure!r} is not a function that returns the loss")
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        # All groups are checked before any of them steps.
        optimizers = [_optimizer(group) for group in self.param_groups]
        for group, optimizer in zip(self.param_groups, optimizers, strict=True):
            if any(g.layout != torch.strided for g in _gradients(group["params"])):
                raise ValueError("a gradient is sparse: this library takes dense ones")
            if loss is None and _sees_the_loss(group):
                name = type(optimizer).__name__
                raise ValueError(f"{name} evaluates the loss: call step(closure), which returns it")
        for group, optimizer in zip(self.param_groups, optimizers, strict=True):
            for block in _blocks(group):
                if all(p.grad is None for p in block):
                    continue
                theta, g = _read(block, optimizer), _read(_gradients(block), optimizer)
                kept = self.state.get(block[0])
                state = kept["state"] if kept else optimizer.init(theta)
                oracle = []
                if _sees_the_loss(group):
                    oracle = [_oracle(optimizer, block, closure, theta, loss, g)]
                theta, state = optimizer.step(theta, g, state, *oracle)
                self.state[block[0]] = {"state": state}
                _write(block, theta)
        return loss

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Within `with optimizer.reported():` the parameters are the point that the method reports.

        That is the average of SWA, for example; after it they are the point that it steps from.
        """
        stepped_from = []
        for group in self.param_groups:
            optimizer = _optimizer(group)
            for block in _blocks(group):
                if hasattr(optimizer, "output") and block[0] in self.state:
                    theta = _read(block, optimizer)
                    stepped_from.append((block, theta))
                    _write(block, optimizer.output(theta, self.state[block[0]]["state"]))
        try:
            yield
        finally:
            for block, theta in stepped_from:
                _write(block, theta)

    def state_dict(self) -> dict[str, Any]:
        saved = super().state_dict()
        for group in saved["param_groups"]:
            del group["optimizer"]
        states = {k: to_plain(kept["state"], torch.tensor) for k, kept in saved["state"].items()}
        return {**saved, "state": states}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        if not (isinstance(state_dict, dict) and state_dict.keys() >= {"state", "param_groups"}):
            raise ValueError(f"state_dict = {state_dict!r} is not what `state_dict()` returned")
        states = {}
        for group, saved in zip(self.param_groups, state_dict["param_groups"], strict=False):
            optimizer = _optimizer(group | saved)
            for block, number in zip(_blocks(group), saved["params"], strict=False):
                if number in state_dict["state"]:
                    like = optimizer.init(_read(block, optimizer))
                    states[block[0]] = {"state": from_plain(state_dict["state"][number], like)}
        optimizers = [group["optimizer"] for group in self.param_groups]
        super().load_state_dict({**state_dict, "state": {}})  # compares and loads the groups
        for group, optimizer in zip(self.param_groups, optimizers, strict=True):
            group["optimizer"] = optimizer
        self.state.update(states)


def _hyperparameters(optimizer: Any) -> dict[str, Any]:
    """The hyperparameters, by name, of an optimizer and of those that it wraps."""
    validate(optimizer)
    found: dict[str, Any] = {}

    def note(name: str, value: Any) -> Any:
        if np.any(found.setdefault(name, value) != value):
            raise ValueError(f"a group holds one {name}, but {optimizer!r} has two")
        return value

    map_hyper(optimizer, note)
    return found


def _optimizer(group: dict[str, Any]) -> Any:
    """The optimizer of a group, with the hyperparameters that the group holds now."""
    optimizer = map_hyper(group["optimizer"], lambda name, _: group[name])
    validate(optimizer)
    for name, value in _hyperparameters(optimizer).items():
        if not isinstance(value, Real):
            raise ValueError(f"{name} = {value!r} must be one number: a model is one run")
    return optimizer


def _sees_the_loss(group: dict[str, Any]) -> bool:
    return bool(getattr(group["optimizer"], "needs", ()))


def _blocks(group: dict[str, Any]) -> list[list[torch.Tensor]]:
    """The parameters of a group, those together that make one theta."""
    whole = group["flat"] or _sees_the_loss(group)
    return [group["params"]] if whole else [[p] for p in group["params"]]


def _check(p: torch.Tensor, optimizer: Any, flat: bool) -> None:
    words = f"a parameter of shape {tuple(p.shape)}"
    if p.device.type != "cpu":
        raise ValueError(f"{words} is on {p.device}: this library computes on the CPU")
    if p.dtype not in (torch.float32, torch.float64) or p.layout != torch.strided:
        raise ValueError(f"{words} is {p.dtype}, {p.layout}: it must be dense, float32 or float64")
    if getattr(optimizer, "couples", 0) == 2 and (flat or p.ndim != 2):
        name, end = type(optimizer).__name__, "" if flat else ": put it in another group"
        raise ValueError(f"{words}{', flat,' * flat} is not a matrix, as {name} needs{end}")


def _gradients(block: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [torch.zeros_like(p) if p.grad is None else p.grad for p in block]


def _read(block: Sequence[torch.Tensor], optimizer: Any) -> Array:
    """A new array, in the shape that the optimizer takes: what a state keeps must not change."""
    flat = np.concatenate([x.detach().numpy().ravel() for x in block])
    couples = getattr(optimizer, "couples", 0)
    return flat if len(block) > 1 or couples == 1 else flat.reshape(tuple(block[0].shape) or 1)


@torch.no_grad()
def _write(block: Sequence[torch.Tensor], theta: Array) -> None:
    ends = np.cumsum([p.numel() for p in block])[:-1]
    for p, part in zip(block, np.split(theta.ravel(), ends), strict=True):
        p.copy_(torch.from_numpy(part).view(p.shape))


def _oracle(
    optimizer: Any, block: Sequence[torch.Tensor], closure: Any, theta: Array, loss: Any, g: Array
) -> Any:
    """What the loss answers at any point: one call of the closure gives value and gradient."""
    last = theta, loss, g

    def at(theta: Array) -> tuple[Array, Any, Array]:
        nonlocal last
        if not np.array_equal(theta, last[0]):
            _write(block, theta)
            with torch.enable_grad():
                loss = closure()
            last = theta, loss, _read(_gradients(block), optimizer)
        return last

    def value(theta: Array) -> float:
        return torch.as_tensor(at(theta)[1]).item()

    return oracle_of((value, lambda theta: at(theta)[2]), optimizer.needs)
