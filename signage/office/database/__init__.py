"""What the office remembers: SQLAlchemy tables on SQLite, or PostgreSQL by a URL."""
