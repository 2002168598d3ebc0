"""Tests of the house as a whole; each service's own tests are beside its source."""
