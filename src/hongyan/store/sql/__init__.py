"""SQL, one file a step. It runs on the connection it is given, and knows no thread and no transaction's end."""
