"""What staff change in the console, written back into the store's YAML files as a careful person would by hand."""
