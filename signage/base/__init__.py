"""What every other part stands on: clock, errors, durable files, strict YAML. Knows nothing of signage."""
