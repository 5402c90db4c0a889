from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

LONGEST_STRETCH: int

class Cancelled(Exception): ...
class NoThread(Exception): ...

class Model:
    def __init__(
        self, tables: Mapping[str, NDArray[np.int32]], special_hairpins: Mapping[str, int], log_extrapolation: float
    ) -> None: ...

def fold(
    model: Model,
    bases: NDArray[np.uint8],
    *,
    span: int = 0,
    beam: int = 0,
    threads: int = 1,
    layer: NDArray[np.int32] | None = None,
    opens: NDArray[np.uint8] | None = None,
    closes: NDArray[np.uint8] | None = None,
    pair_bonus: NDArray[np.int32] | None = None,
    stack_bonus: NDArray[np.int32] | None = None,
    progress: Callable[[float], bool] | None = None,
) -> tuple[int, NDArray[np.int32], int]: ...
def suboptimals(
    model: Model,
    bases: NDArray[np.uint8],
    within: int,
    most: int,
    *,
    span: int = 0,
    threads: int = 1,
    layer: NDArray[np.int32] | None = None,
    opens: NDArray[np.uint8] | None = None,
    closes: NDArray[np.uint8] | None = None,
    pair_bonus: NDArray[np.int32] | None = None,
    stack_bonus: NDArray[np.int32] | None = None,
    progress: Callable[[float], bool] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int32], int, int]: ...
def ensemble(
    model: Model,
    bases: NDArray[np.uint8],
    *,
    kt: float,
    span: int = 0,
    threads: int = 1,
    cutoff: float = 0.0,
    stretch: int = 0,
    layer: NDArray[np.int32] | None = None,
    opens: NDArray[np.uint8] | None = None,
    closes: NDArray[np.uint8] | None = None,
    must: NDArray[np.uint8] | None = None,
    stack_bonus: NDArray[np.int32] | None = None,
    progress: Callable[[float], bool] | None = None,
) -> tuple[
    float,
    NDArray[np.int32],
    NDArray[np.int32],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]: ...
def most_worth(
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    pair: NDArray[np.float64],
    unpaired: NDArray[np.float64],
    *,
    progress: Callable[[float], bool] | None = None,
) -> NDArray[np.int32]: ...
def evaluate(model: Model, bases: NDArray[np.uint8], partner: NDArray[np.int32]) -> NDArray[np.int32]: ...
def instructions() -> str: ...
def supports(instructions: str) -> bool: ...
