"""Characters that old Chinese fonts kept in the private area, as the Unicode ones they became (rule H).

GBK's two-byte codes FE50 to FEA0 lie at U+E815 to U+E864 in old data: 䶮 (yǎn, a given name) is U+E863 there.
The table is the mapping of GB 18030-2000 and, for the fourteen that it left private, of GB 18030-2022. Without it one
person has two names.
"""

from typing import Final

_FIRST: Final = 0xE815
_BECAME: Final = (
    "2E81 20087 20089 200CC 2E84 3473 3447 2E88 2E8B 9FB4 359E 361A 360E 2E8C 2E97 396E 3918 9FB5 "
    "39CF 39DF 3A73 39D0 9FB6 9FB7 3B4E 3C6E 3CE0 2EA7 215D7 9FB8 2EAA 4056 415F 2EAE 4337 2EB3 2EB6 "
    "2EB7 2298F 43B1 43AC 2EBB 43DD 44D6 4661 464C 9FB9 4723 4729 477C 478D 2ECA 4947 497A 497D 4982 "
    "4983 4985 4986 499F 499B 49B7 49B6 9FBA 241FE 4CA3 4C9F 4CA0 4CA1 4C77 4CA2 4D13 4D14 4D15 4D16 "
    "4D17 4D18 4D19 4DAE 9FBB "
)
_TABLE: Final = {_FIRST + place: int(code, 16) for place, code in enumerate(_BECAME.split())}


def unify(text: str) -> str:
    """`text` with the private characters of rule H replaced; others in the private area stay."""
    return text.translate(_TABLE)
