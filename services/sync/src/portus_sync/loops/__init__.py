"""Work that runs beside the web server: it asks the registry, then opens one transaction."""
