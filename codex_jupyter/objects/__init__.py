"""Python values described without running them: what a listing, an inspection and a comparison may know of an object.

Exact types only. An object of any other type is told by its type and by what it plainly holds. Imports nothing of ours but
``core`` and ``errors``, and no library that it describes: their classes are compared by identity with those that the process
has imported already.

    statics                                       the only way to an object: slots of ``type`` and ``object``
    preview, tables, summary                      a value in a line; a table as data; a row of a listing
    variables, lookup, details, changes, sources  a namespace, a name in it, one object closely, what changed, code
"""
