"""The pages people see: sessions, views and live updates over the other services. Owns no registry data."""
