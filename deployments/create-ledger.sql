-- Who may bill what is kept apart from what Prefect shows.
CREATE DATABASE fermata;
