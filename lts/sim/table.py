"""The compiled `Market`: one address, and a field is one load from the table behind it.

Decision: as a tuple of twenty fields the market was passed from function to function in twenty registers' worth of arguments, which
made up a quarter of the time to compile it. The loads are marked invariant: the table of a run never changes.
"""

from __future__ import annotations

from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, overload, register_model

from lts.sim.layout import Market

WORD = ir.IntType(64)
WHOLE, REAL, HALF, BYTE = map(cast("Any", types.CPointer), (types.int64, types.float64, types.int32, types.uint8))
KINDS = {
    "p": REAL, "x": REAL, "w": REAL, "stated": REAL, "seen": REAL, "b": HALF, "d": HALF, "f": BYTE,
    "n": types.int64, "xn": types.int64, "xs": types.int64, "dn": types.int64,
}  # fmt: skip
FIELDS = {name: KINDS.get(name, WHOLE) for name in Market._fields}


class MarketType(types.Type):
    """The type of a market in compiled code."""

    def __init__(self) -> None:
        super().__init__(name="Market")


MARKET = MarketType()


@register_model(MarketType)
class MarketModel(models.PrimitiveModel):
    """A market is held as a 64-bit address."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, WORD)  # type: ignore[no-untyped-call]


@infer_getattr
class MarketFields(AttributeTemplate):
    """The fields of `layout.Market`."""

    key = MarketType

    def generic_resolve(self, _kind: Any, name: str) -> Any:  # type: ignore[override]
        """Return the type of a field, None when there is no such field."""
        return FIELDS.get(name)


@lower_getattr_generic(MarketType)  # type: ignore[no-untyped-call, untyped-decorator]
def load_field(context: Any, builder: Any, _kind: Any, table: Any, name: str) -> Any:
    """Load a field from the table."""
    place = builder.gep(builder.inttoptr(table, WORD.as_pointer()), [ir.Constant(WORD, Market._fields.index(name))])
    word = builder.load(place)
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word if FIELDS[name] == types.int64 else builder.inttoptr(word, context.get_value_type(FIELDS[name]))


@intrinsic
def _market(_typing: Any, table: Any) -> Any:
    def generate(_context: Any, _builder: Any, _signature: Any, args: Any) -> Any:
        return args[0]

    return MARKET(table), generate


def attach(table: Any) -> Market:
    """Return the market's memory from a table of addresses; interpreted, from the arrays themselves."""
    return Market(*table)


@overload(attach)
def _attach(table: Any) -> Any:
    if table != types.int64:
        return None

    def implementation(table: Any) -> Any:
        return _market(table)  # type: ignore[call-arg]  # numba passes the typing context

    return implementation
