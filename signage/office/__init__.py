"""The office: what runs once, beside the staff. It publishes, reviews, gives orders and serves the published folder."""
