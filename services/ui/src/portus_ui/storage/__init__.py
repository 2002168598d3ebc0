"""The one table ui owns."""
