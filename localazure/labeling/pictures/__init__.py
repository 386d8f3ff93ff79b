"""The pictures of tasks: fetched, fit for browsers, small ones for lists, their sizes."""
