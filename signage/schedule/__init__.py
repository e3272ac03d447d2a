"""What plays when: pure functions of (store, screen, calendar, time)."""
