"""The notebook's side: the only room that imports IPython, ipywidgets and anywidget.

`extension` joins the rooms; `options` reads what is typed, `cell_text` keeps it to the byte,
`magics` and `commands` act on it, `panel` shows what happens. Importing this package imports none
of them.
"""
