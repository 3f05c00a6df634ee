"""Pages and readings for the people and programs that look after the platform."""
