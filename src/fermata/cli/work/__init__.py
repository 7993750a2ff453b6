"""What the commands do, apart from what they take.

A command line is parsed, explained and refused by the modules above, which load nothing for it.
"""
