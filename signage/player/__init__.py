"""What runs at each screen, without Qt: playout, journal, timekeeper, station."""
