"""What every Portus service stands on; no rule about users, teams or tags lives here."""
