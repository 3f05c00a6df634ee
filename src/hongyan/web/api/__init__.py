"""The admin API: each call described once; its route, its check, its schema and its answer come from that."""
