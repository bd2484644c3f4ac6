"""Nothing that we import comes from the notebook's folder, however late it is imported.

In a kernel the working folder comes before the installed packages on ``sys.path``, and a sandboxed command may write
there. A file ``mdurl.py`` in it would run in the kernel, outside the sandbox, as soon as a library of ours imported its
dependency of that name. So a finder stands before all others, and decides by who imports, read from the stack:

- our code, or any library working for it: found outside the folder, or not found at all;
- a library that we depend on, a thread or a callback of nobody's: the standard library's modules and those of our
  dependencies are found outside the folder first, everything else as ever;
- the user's code (a cell, a program, a file in the folder): as in any kernel.

The same is decided for distributions: what a ``*.dist-info`` of the folder says of versions and plugins is nothing to our
code. This package itself stays the one that was imported first, also when it is loaded again.

A module of such a name that the user's code already took from the folder is refused (``refuse_shadows``), never used.

Of an environment that lies in the folder (``.venv``), and of this package itself where it does, only what did not change
since the kernel began is loaded (``sealed_files.py``). Not promised: what ran before this package was imported.

This is the first module of the package to be imported, and imports itself only what every Python has loaded or frozen.
"""

import os
import sys
import time

#: When this package was imported: before any turn of this kernel. Nanoseconds since the epoch.
BEGAN = time.time_ns()

#: The modules that our dependencies bring, theirs included; a test compares them with what is installed.
DEPENDENCIES = frozenset(
    str.split(
        """
    IPython annotated_types anywidget asttokens _cffi_backend cffi codex_cli_bin comm cryptography dateutil debugpy executing idna
    ipykernel ipykernel_launcher ipython_pygments_lexers ipywidgets jedi jupyter jupyter_client jupyter_core
    jupyterlab_widgets markdown_it matplotlib_inline mdurl nest_asyncio2 nh3 openai_codex packaging parso pexpect
    platformdirs prompt_toolkit psutil psygnal ptyprocess pure_eval pycparser pydantic pydantic_core pygments six
    stack_data tornado traitlets trustme typing_extensions typing_inspection tzdata wcwidth widgetsnbextension zmq
    """
    )
)

#: Those that import modules for the user, by names that the user wrote: ``%load_ext``, completion, the debugger.
_ON_BEHALF = frozenset(
    str.split("IPython ipykernel ipykernel_launcher jedi parso traitlets debugpy")
)

#: Modules of the standard library that no library here needs: a user's own file of such a name is in nobody's way.
_NEEDED_BY_NOBODY = frozenset(
    str.split(
        """
    aifc antigravity cgi cgitb chunk compileall crypt curses dbm distutils ensurepip filecmp fileinput ftplib idlelib
    imaplib lib2to3 mailbox mailcap modulefinder msilib nis nntplib pipes poplib sched shelve smtpd smtplib sndhdr
    statistics sunau symtable tabnanny telnetlib test this tkinter trace turtle turtledemo uu venv wave wsgiref xdrlib
    xmlrpc zipapp
    """
    )
)

_NAMES = DEPENDENCIES | sys.stdlib_module_names

#: What our code imports only when it needs it, and a turn therefore before it starts; a test reads the sources.
LATE = (
    "nh3",
    "markdown_it",
    "mdurl",
    "wcwidth",
    "jupyter_core.paths",
    "pygments.lexers",
    "pygments.formatters.html",
    "pygments.formatters.terminal256",
    "pygments.util",
    "codex_cli_bin",
)

#: Where the standard library lies, and how the folders are called that installed packages lie in.
_STANDARD = os.path.realpath(os.path.dirname(os.__file__))
_PACKAGES = frozenset(["site-packages", "dist-packages"])

_PACKAGE = "codex_jupyter"

#: What reads sealed files cannot be read by itself: these are imported before the first turn.
_SEALING = (f"{_PACKAGE}.sealed_files", f"{_PACKAGE}.errors")

#: Paths whose answers are remembered: a kernel imports thousands of times, and each cell that ran is a file of its own.
_REMEMBERED = 4096

_folders: set[str] = set()
#: Temporary folders: what lies in them directly is as little trusted, what is installed further down is.
_shallow: set[str] = set()
_real: dict[str, str] = {}
_found_inside: dict[tuple[str, ...], dict[str, bool]] = {}  # by the folders, which may change
_writable: dict[str, bool] = {}


def _real_of(path: str) -> str:
    real = _real.get(path)
    if real is None:
        if len(_real) >= _REMEMBERED:
            _real.clear()
        real = _real[path] = os.path.normcase(_resolved(path))
    return real


def _resolved(path: str) -> str:
    """``os.path.realpath``, with what is above remembered: the modules of one folder ask for it one after the other."""
    above, name = os.path.split(path)
    if name in ("", ".", "..") or not os.path.isabs(path) or os.path.islink(path):
        return os.path.realpath(path)
    return os.path.join(_real_of(above), name)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def distrust(folder: str | os.PathLike[str]) -> None:
    """Take nothing of ours from this folder from now on: a turn works in it and may write there."""
    _folders.add(_real_of(os.path.abspath(os.fspath(folder))))
    _writable.clear()


def distrust_directly_in(folder: str | os.PathLike[str]) -> None:
    """Take no module that lies directly in this temporary folder: commands of a turn may write there.

    An environment or a ``pip --target`` somewhere below it goes on serving.
    """
    _shallow.add(_real_of(os.path.abspath(os.fspath(folder))))
    _found_inside.clear()


def from_folder(path: str) -> bool:
    """Whether a file or an entry of ``sys.path`` lies in a folder that turns work in. Relative ones do.

    Example:
        >>> from_folder(""), from_folder("nh3.py"), from_folder(os.__file__)
        (True, True, False)
    """
    return _from_any_of(_untrusted(), path)


def _from_any_of(folders: tuple[str, ...], path: str) -> bool:
    answers = _found_inside.get(folders)
    if answers is None or len(answers) >= _REMEMBERED:
        _found_inside.clear()
        answers = _found_inside[folders] = {}
    answer = answers.get(path)
    if answer is None:
        answer = answers[path] = not os.path.isabs(path) or _lies_in(folders, path)
    return answer


def _lies_in(folders: tuple[str, ...], path: str) -> bool:
    for place in {os.path.normcase(os.path.normpath(path)), _real_of(path)}:
        for folder in folders:
            if not _inside(place, folder) or _inside(place, _STANDARD):
                continue
            if _PACKAGES.isdisjoint(place[len(folder) :].split(os.sep)):
                return True
        if not _shallow.isdisjoint(_holders(place)):
            return True
    return False


def _untrusted() -> tuple[str, ...]:
    here = _here()
    return (*_folders, here) if here and here not in _folders else tuple(_folders)


def _in_writable_folder(path: str) -> bool:
    """Whether a file lies in a folder that turns work in, that of an environment in it included."""
    known = _writable.get(path)
    if known is None:
        places = {os.path.normcase(os.path.normpath(path)), _real_of(path)}
        known = any(_inside(place, folder) for place in places for folder in _folders)
        if len(_writable) >= _REMEMBERED:
            _writable.clear()
        _writable[path] = known
    return known


def _holders(place: str) -> tuple[str, str]:
    """An entry of ``sys.path`` itself; of a module's file the folder that it, or its package, lies in."""
    if not place.endswith((".py", ".pyc", ".so", ".pyd")):
        return place, place
    above = os.path.dirname(place)
    package = os.path.basename(place).startswith("__init__.")
    return place, os.path.dirname(above) if package else above


def _here() -> str:
    try:
        return _real_of(os.getcwd())
    except OSError:  # the folder was removed
        return ""


def safe_path() -> list[str]:
    """``sys.path`` without the folder: no relative entry, none inside it."""
    return _safe(sys.path, _untrusted())


def _safe(entries, folders: tuple[str, ...]) -> list[str]:
    return [e for e in entries if isinstance(e, str) and not _from_any_of(folders, e)]


def _who_imports(folders: tuple[str, ...]) -> str:
    """``"ours"``, ``"user"`` or ``"library"``: for whom the innermost import on this thread's stack is made."""
    frame = sys._getframe(2)
    dependency = False
    while frame is not None:
        file = frame.f_code.co_filename
        names = frame.f_globals
        name = str(names.get("__name__", ""))
        top = name.partition(".")[0]
        if file.startswith("<") and name != "__main__":  # frozen, or made by `exec` for some module
            file = str(names.get("__file__") or "")
        elif name == "__main__" and file.endswith("ipykernel_launcher.py"):
            top = "ipykernel_launcher"
        if top == _PACKAGE:
            return "ours"
        if top == "__main__" or (file and _from_any_of(folders, file)):
            return "library" if dependency else "user"
        if top in _ON_BEHALF:
            return "library"
        dependency = dependency or top in DEPENDENCIES
        frame = frame.f_back
    return "library"


class TrustedFinder:
    """Finds modules outside the folder, where the import is made for us. First in ``sys.meta_path``."""

    def find_spec(self, name, path=None, target=None):
        """As ``importlib.abc.MetaPathFinder``; raises ``ModuleNotFoundError`` for what only the folder could have."""
        of_package = path is not None and type(path).__name__ != "_NamespacePath"
        if of_package and (name in _SEALING or not any(map(_in_writable_folder, path or ()))):
            return None  # part of a package that was found already
        top = name.partition(".")[0]
        if name == _PACKAGE:  # reloaded, for whomever: it is where it was
            return _sealed(_from_paths(name, [os.path.dirname(os.path.dirname(__file__))], target))
        folders = _untrusted()
        who = _who_imports(folders)
        if who == "user" and top != _PACKAGE:
            return None
        if who == "library" and (not _is_needed(top) or _taken_from_folder(target)):
            return None
        if of_package:
            spec = _from_paths(name, path, target)
        else:
            spec = self._outside(name, path, target, folders)
        if spec is None and who == "ours":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return _sealed(spec)

    def find_distributions(self, context):
        """Find none, and keep those who are asked next, with the same object, from looking into the folder for us."""
        if _who_imports(_untrusted()) == "ours":
            vars(context)["path"] = [e for e in context.path if not from_folder(e)]
        return ()

    def _outside(self, name, path, target, folders):
        entries = _safe(sys.path if path is None else path, folders)
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            by_path = getattr(finder, "__name__", "") == "PathFinder"
            spec = find(name, entries if by_path else path, target)
            if spec is None:
                continue
            places = [spec.origin] if spec.has_location else spec.submodule_search_locations or ()
            if not any(isinstance(p, str) and _from_any_of(folders, p) for p in places):
                return spec
        return None

    def invalidate_caches(self) -> None:
        """Forget where links led to."""
        _real.clear()
        _found_inside.clear()
        _writable.clear()


_finder = TrustedFinder()


def _from_paths(name, path, target):
    for finder in sys.meta_path:
        if getattr(finder, "__name__", "") == "PathFinder":
            return finder.find_spec(name, path, target)
    return None


def _sealed(spec):
    """The spec; of a file in a folder where commands may write, one that loads only what did not change."""
    if spec is None or not spec.has_location or not _in_writable_folder(spec.origin):
        return spec
    from codex_jupyter.sealed_files import remembers, seal

    if not remembers():
        _remember_packages()
    return seal(spec, BEGAN)


def _is_needed(top: str) -> bool:
    # The last is the compiled half of a package, named by chance.
    return top in _NAMES or top == _PACKAGE or top.endswith("__mypyc")


def _taken_from_folder(module) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and from_folder(file)


def changed_in_folder(path: str | os.PathLike[str]) -> bool:
    """Whether a file lies where commands may write, and changed after this kernel began: a program that must not be run.

    Example:
        >>> changed_in_folder(sys.executable)
        False
    """
    if not _in_writable_folder(os.fspath(path)):
        return False
    from codex_jupyter.sealed_files import is_changed

    return is_changed(path, BEGAN)


def install() -> None:
    """Stand before all other finders; doing it again moves to the front again."""
    here = _here()
    if here:
        _folders.add(here)
    if not sys.meta_path or sys.meta_path[0] is not _finder:
        sys.meta_path[:] = [_finder, *(f for f in sys.meta_path if f is not _finder)]


def refuse_shadows() -> None:
    """See that no module that we or our libraries work with was taken from the folder.

    Raises:
        UserError: one was, by the user's own code; it names the file and the module.
    """
    for name in sorted(_NAMES - _NEEDED_BY_NOBODY):
        module = sys.modules.get(name)
        if module is not None and _taken_from_folder(module):
            from codex_jupyter.errors import UserError

            raise UserError(
                f"{module.__file__} stands in for the module {name!r} that Codex in this kernel needs. Nothing was sent.",
                "Rename that file and restart the kernel; if you did not write it, read it first.",
            )


def before_turn(*folders: str | os.PathLike[str]) -> None:
    """What has to hold before a turn that works in these folders starts. Raises as ``refuse_shadows``."""
    install()
    for folder in folders:
        distrust(folder)
    _remember_packages()
    refuse_shadows()


#: Libraries of the user's that load parts of themselves when a figure is drawn for us.
DRAWING = ("matplotlib", "mpl_toolkits", "numpy", "PIL")


def _remember_packages() -> None:
    """Where what we work with lies in a folder where commands may write, keep which files those are."""
    environments = [e for e in sys.path if os.path.isabs(e) and _in_writable_folder(e)]
    environments += [
        e for e in [os.path.dirname(os.path.dirname(__file__))] if _in_writable_folder(e)
    ]
    if environments:
        from codex_jupyter.sealed_files import remember

        remember(environments, (*DEPENDENCIES, *DRAWING, _PACKAGE))


def import_early() -> None:
    """Import what would come late, so that nothing which is written or imported meanwhile can stand in for it."""
    for name in LATE:
        try:
            __import__(name)
        except ImportError:  # whoever needs it says what is missing
            continue
