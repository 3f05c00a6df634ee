"""The only room that names concrete parts: it puts them together, for one command or for a whole process."""
