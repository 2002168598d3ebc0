"""auth decides who may do what with a registry, and signs the tokens that say so."""
