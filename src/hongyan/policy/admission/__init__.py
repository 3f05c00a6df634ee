"""The rules of admission: one file a rule, and `table`, which has their order and what each of them judges."""
