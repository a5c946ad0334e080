"""The decorators of DAGs and tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Optional, TypeVar

T = TypeVar("T")

# The results of the tasks that have run, by name; for the tests.
results: list[tuple[str, object]] = []


class Task(Generic[T]):
    """A task, which runs when it is called."""

    def __init__(self, function: Callable[..., T]) -> None:
        self._function = function

    def __call__(self, *arguments: Any) -> T:
        result = self._function(*arguments)
        results.append((self._function.__name__, result))
        return result

    def expand(self, **lists: list[Any]) -> list[T]:
        """Runs the task for every member of a list."""
        ((name, values),) = lists.items()
        mapped = [self._function(**{name: value}) for value in values]
        results.append((self._function.__name__, mapped))
        return mapped


def task(retries: int = 0) -> Callable[[Callable[..., T]], Task[T]]:
    """Makes a function a task."""
    return Task


def dag(
    schedule: Optional[str], catchup: bool, max_active_runs: int
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Makes a function a DAG."""
    return lambda function: function
