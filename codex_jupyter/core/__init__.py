"""What a turn is, how events change it, what it looks like as blocks, and what a policy says.

Pure: the standard library only; no clock, no I/O, no threads, no imports of our other rooms.
"""
