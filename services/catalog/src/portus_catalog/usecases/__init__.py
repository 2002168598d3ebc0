"""What the catalogue can do; plain functions inside a transaction somebody else opened."""
