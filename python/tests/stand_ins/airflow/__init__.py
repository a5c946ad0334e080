"""The part of Airflow that the example uses, without a scheduler: tasks run when they are called."""
