"""The whole translation: the definitions that the verifier reaches, in one scope, those of lower modules first."""

import ast

from hanse_page.translate.definitions import definition
from hanse_page.translate.expressions import WRITERS
from hanse_page.translate.needed import Reached
from hanse_page.translate.scope import Classes, CodeScope, TopNames, module_name
from hanse_page.translate.source import PACKAGE, Local, ModuleName, Sources

FIRSTS = (
    Local("proofs.samedocument", "compare_document"),
    Local("proofs.proof", "check_proof"),
    Local("proofs.statuscode", "check_code_form"),
    Local("proofs.statuscode", "check_status"),
    Local("proofs.statuscode", "is_code"),
    Local("proofs.formcheck", "check_form"),
    Local("proofs.formcheck", "check_size"),
    Local("proofs.statement", "as_hosted"),
    Local("proofs.trustfile", "read_trust"),
    Local("proofs.trustfile", "TRUST_FORMAT"),
    Local("values.errors", "LedgerError"),
    Local("values.limits", "OPENING_BYTES"),
    Local("values.limits", "PROOF_FILE_BYTES"),
    Local("values.messages", "Said"),
    Local("values.messages", "in_language"),
    Local("values.patterns", "one_line"),
)
"""What the page calls by itself."""


def translate(*firsts: Local) -> str:
    """Write the translation of what some definitions need, as JavaScript. Raises Unsupported."""
    sources = Sources()
    reached = Reached(sources, *firsts)
    classes, names = Classes(sources, reached), TopNames(sources, reached)
    scopes = {
        name: CodeScope(sources, reached, classes, names, name, WRITERS) for name in _lower_first(sources, reached)
    }
    given: dict[str, list[str]] = {}
    for place in firsts:
        given.setdefault(module_name(place.module), []).append(f"{place.name}: {_first(scopes, place)}")
    offered = ", ".join(f"{module}: {{{', '.join(sorted(pairs))}}}" for module, pairs in sorted(given.items()))
    definitions = "\n".join(map(_module, scopes.values()))
    return f"const {{{', '.join(sorted(given))}}} = (() => {{\n{definitions}\nreturn {{{offered}}};\n}})();"


def _first(scopes: dict[str, CodeScope], place: Local) -> str:
    scope = scopes[place.module] if place.module in scopes else next(iter(scopes.values()))
    return scope.top(place, ast.Name(place.name))


def _module(scope: CodeScope) -> str:
    definitions = [definition(name, scope) for name in scope.reached.of(scope.module)]
    return "\n".join([f"// {PACKAGE}.{scope.module}", *definitions])


def _lower_first(sources: Sources, reached: Reached) -> list[str]:
    """Put the modules in order: each after all that it takes something from."""
    ordered: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        for imported in sources.module(name).imports:
            place = sources.place(name, imported)
            if isinstance(place, Local | ModuleName):
                visit(place.module)
        if reached.of(name):
            ordered.append(name)

    for module in sorted(sources.modules, key=lambda each: each.name):
        visit(module.name)
    return ordered
