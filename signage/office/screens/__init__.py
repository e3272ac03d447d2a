"""The office's side of its screens: letting them in, what they report, how they fare, what they have shown."""
