"""All of Portus on one machine: four services in one process, beside a private registry."""
