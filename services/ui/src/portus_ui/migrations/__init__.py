"""Migrations of ui's database."""
