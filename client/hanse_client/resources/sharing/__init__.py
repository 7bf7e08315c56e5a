"""Documents that are shared: to whom they are sealed, how they are sent, fetched and opened."""
