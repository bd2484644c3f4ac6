"""Blocks as html, Markdown and plain text: pure functions of a ``Document``, one renderer per format, used live and saved.

Imports the core, and markdown-it-py, Pygments and nh3 where text is turned into html; nothing of Jupyter, no I/O.
"""
