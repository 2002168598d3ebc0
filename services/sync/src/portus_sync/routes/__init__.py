"""sync's HTTP edge: the notification endpoint and what admins may look at."""
