"""Live updates: from the bus to the browsers that may see them."""
