"""Real components for tests: databases, brokers, registries, browsers on loopback addresses.

Nothing here imitates a component. Each starter runs the real program on a free port with its
data in a directory of its own, and takes it down again, also when the test run is killed. A
program that is not installed raises `NotInstalled`; `portus_shared.testing.plugin` turns that
into a "not run" for a person and into a failure in continuous integration.

Only tests and benchmarks import this package.
"""
