"""What was approved: manifests, signatures, verification. The only part that knows python-tuf."""
