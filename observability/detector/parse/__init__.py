"""Lines to signals. Pure; never raises, a log may hold anything."""
