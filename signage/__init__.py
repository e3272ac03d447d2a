"""Digital signage for public screens that nobody watches over."""
