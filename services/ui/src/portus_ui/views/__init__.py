"""The edges: routes, view models and everything that touches a request or a response."""
