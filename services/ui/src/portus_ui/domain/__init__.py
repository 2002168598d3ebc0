"""Rules of the ui that need nothing but the standard library: sessions, addresses, topics."""
