"""What runs where: the deployments that a person starts from the Prefect UI."""
