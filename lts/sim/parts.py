"""Compile the market's functions as parts of one program: typed one by one, optimised once, together.

Decision: numba sends every function through LLVM, with all that it calls, as soon as it is typed, so the bottom of the market went
through it a dozen times. A part keeps its module as it was typed; whatever is compiled the usual way (the market's callback, a
strategy's loop) links all parts that it reaches and optimises them once. Called from Python a part raises TypeError.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, cast

import numba
from numba import _dynfunc, types  # type: ignore[attr-defined]  # a compiled module without types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

if TYPE_CHECKING:
    from collections.abc import Callable

# A C function that raises TypeError and returns NULL: what a part is to Python.
REFUSE = ctypes.cast(ctypes.pythonapi.PyErr_BadArgument, ctypes.c_void_p).value


# With blocks, closures, functions made inside functions, loops over literals, branches on constants, array expressions.
NOT_THERE = frozenset({
    "WithLifting", "InlineClosureLikes", "RewriteDynamicRaises", "MakeFunctionToJitFunction", "InlineInlinables", "LiteralUnroll",
    "LiteralPropagationSubPipelinePass", "FindLiterallyCalls", "RewriteSemanticConstants", "DeadBranchPrune", "InlineOverloads",
    "NopythonRewrites", "NoPythonSupportedFeatureValidation", "AnnotateTypes", "DumpParforDiagnostics",
})  # fmt: skip


class PartLibrary(JITCodeLibrary):
    """The code of one part, waiting for a caller that is compiled."""

    _linked: Any = None

    def _optimize_functions(self, _module: Any) -> None:
        """Do nothing: the caller's library optimises the whole."""

    def finalize(self) -> None:
        """Do nothing yet; the caller's library links and optimises."""
        self._finalized = True

    def add_linking_library(self, library: Any) -> None:
        """Remember what this part calls."""
        self._linking_libraries.append(library)

    def collect(self, found: dict[Any, Any]) -> dict[Any, Any]:
        """Collect this part's module and those of all that it reaches, each once."""
        found[self] = super()._get_module_for_linking()  # type: ignore[no-untyped-call]
        for library in self._linking_libraries:
            if library not in found:
                if isinstance(library, PartLibrary):
                    library.collect(found)
                else:
                    found[library] = library._get_module_for_linking()  # noqa: SLF001  (numba has no other name for it)
        return found

    def _get_module_for_linking(self) -> Any:
        if self._linked is None:
            own, *others = self.collect({}).values()
            self._linked = own.clone()
            for module in others:
                self._linked.link_in(module, preserve=True)
        return self._linked


@register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
class PartLowering(NativeLowering):
    """Lower a function into a part instead of into machine code."""

    _name = "lts_part_lowering"

    def run_pass(self, state: Any) -> bool:
        """Lower, and register the part for its callers under a handle that Python cannot call."""
        codegen, name = state.targetctx.codegen(), state.func_id.func_qualname
        state.library = PartLibrary(codegen, name)  # type: ignore[no-untyped-call]
        state.flags.no_compile = True
        super().run_pass(state)  # type: ignore[no-untyped-call]
        lowered = state["cr"]
        handle = _dynfunc.make_function(lowered.fndesc.lookup_module(), name, "part", REFUSE, lowered.env, (state.library,))
        state.targetctx.insert_user_function(handle, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=handle)
        return True


class PartCompiler(CompilerBase):
    """Numba's passes with another lowering, without those that look for what the market does not contain: a tenth of the time."""

    def define_pipelines(self) -> list[Any]:
        """Return the pipeline."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call]
        kept = [(kind, why) for kind, why in passes.passes if kind.__name__ not in NOT_THERE]
        passes.passes = [(PartLowering, why) if issubclass(kind, NativeLowering) else (kind, why) for kind, why in kept]
        passes.finalize()
        return [passes]


def part(function: Callable[..., Any], **options: Any) -> Any:
    """Return `function` as a part. It is compiled once for whole numbers, not once for every constant that callers pass."""
    options |= {"pipeline_class": PartCompiler, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    dispatcher: Any = numba.njit(**options)(function)
    if dispatcher is function:  # interpreted
        return function
    find, plain = dispatcher.get_call_template, cast("Any", types.unliteral)

    def find_plain(args: Any, kws: Any) -> Any:
        return find(tuple(map(plain, args)), {name: plain(kind) for name, kind in kws.items()})

    dispatcher.get_call_template = find_plain
    return dispatcher
