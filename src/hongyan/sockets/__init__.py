"""Sessions on sockets: what links to carriers and listeners for customers share."""
