"""sync speaks to the registry: it hears notifications, crawls, and says what it saw."""
