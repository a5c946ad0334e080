"""Exceptions of tasks."""


class AirflowFailException(Exception):
    """The task fails and is not retried."""
