"""Who labels: persons and teams, personal links, sessions, and what a role may do."""
