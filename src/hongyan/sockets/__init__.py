"""Sessions on sockets: what carriers' links and customers' listeners share."""
