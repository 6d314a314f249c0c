"""A student's submission: read from notebooks, sliced to what is needed, and run in a process of its own."""
