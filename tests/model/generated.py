"""Generated models in tests: written, imported under a name of their own, forgotten again."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType

from ds_bridge.form import Form
from ds_bridge.mapping import DomainModel
from ds_bridge.model import class_of, write_model

_COUNT = itertools.count()


@contextlib.contextmanager
def imported(source: str) -> Iterator[ModuleType]:
    """The module, as an import would make it."""
    module = ModuleType(f"generated_{next(_COUNT)}")
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, f"{module.__name__}.py", "exec", dont_inherit=True), module.__dict__)
        yield module
    finally:
        del sys.modules[module.__name__]


@contextlib.contextmanager
def generated(
    name: str, active: Form, others: Sequence[Form] = (), kept: Mapping[int, str] | None = None
) -> Iterator[type[DomainModel]]:
    """The model class of a form."""
    with imported(write_model(name, active, others, kept)) as module:
        yield getattr(module, class_of(name))
