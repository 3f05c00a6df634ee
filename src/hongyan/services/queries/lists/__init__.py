"""Every list, described once. Page, admin API, command line and exports show it from its description, and add no column of their own."""
