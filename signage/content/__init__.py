"""What may be shown: a store folder in, frozen values or all its problems out."""
