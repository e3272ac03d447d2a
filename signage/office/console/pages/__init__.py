"""One module for each area of the console; each gives its routes. `all_routes` is the list of them."""
