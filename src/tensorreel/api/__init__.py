"""Python: what ``import tensorreel`` gives. Nothing here prints or exits; what is heavy is imported when it is called."""
