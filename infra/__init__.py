"""What exists: the Pulumi program of a custom-vision lab. It knows nothing of what happens later."""
