"""One hostile file: how it is made (when it is needed, some have 20 MB), and the codes or states that it may end with."""

from collections.abc import Callable

Hostile = tuple[Callable[[], bytes], tuple[str, ...]]
