"""The only SQL: one schema, one lane, one module a step, SQLite and PostgreSQL."""
