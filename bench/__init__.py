"""How fast Hongyan is, measured from outside: real processes, real sockets, fsync on, tools in C on the same machine."""
