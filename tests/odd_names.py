"""A name that any folder may have, with whatever means something in a URL or a shell."""

ODD_NAME = "50%41? #1 & é"
"""`?` and `#` cut a URL, `%41` is an A in one, and a space and `&` part words in a shell."""
