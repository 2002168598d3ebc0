"""The pages people see: sessions, views and live updates. It owns no registry data."""
