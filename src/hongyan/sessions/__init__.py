"""Protocol servers: customers connect as to a carrier, submit, and are delivered to on the same connections."""
