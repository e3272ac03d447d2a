"""The demo's pictures: drawn by code, the same bytes in every run on the same libraries."""
