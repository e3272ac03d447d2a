"""The office's web pages."""
