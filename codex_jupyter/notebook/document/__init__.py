"""The open notebook: asked for over a panel's line to its page, since only the page has the live document.

``channel`` asks, ``cells`` is what came back. The page half is ``js/src/document.js``.
"""
