"""Protocol servers: customers connect as to a carrier, submit, and receive deliveries on the same connections."""
