"""The customers' doors in a process of their own beside the writer: `serve --processes 2`."""
