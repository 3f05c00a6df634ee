"""Pages and readings for people and machines that look after the platform."""
