"""A snippet as one script: what is taken along, by which names, and that it does the same."""

import io
import re
import sys
import textwrap
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from dlref.site.bundle import bundle

MODULES = {
    "kit/__init__.py": '"""A kit."""\nfrom kit.shapes import area\n__version__ = "1.2"\n',
    "kit/shapes.py": '''
        """Shapes."""
        import math
        from functools import partial as fix
        from kit.units import scale

        __all__ = ["area", "Square", "ring"]
        # The ratio of a circle.
        TAU, HALF = 2 * math.pi, 0.5
        unused = 1 / 2


        def _check(x):
            if x < 0:
                raise ValueError(f"{x} is below {HALF}")


        def area(r):  # noqa: ANN001
            r"""Return the area
            of a circle.

            Args:
                r: Its radius.

            Source:
                Archimedes, "Measurement of a circle".

            Examples:
                >>> area(0)
            """
            _check(r)
            return scale(HALF * TAU * r**2)


        class Shape:
            sides: "int | Square" = 0

            def corners(self):
                return self.sides


        class Square(Shape):
            """A square."""

            sides = 4

            def area(self, side):
                _check(side)
                return max([scale(side**2) for scale in [fix(scale)]])


        def ring(r, *, hole=HALF):
            return area(r) - area(hole)
        ''',
    "kit/units.py": '''
        """Units."""
        from __future__ import annotations
        from math import floor as down
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from kit.shapes import Square

        FACTOR = 10
        _count = 0


        def _check(x: Number) -> None:
            if x != x:
                raise ValueError("no number")


        def scale(x):
            _check(x)
            return down(x * FACTOR)


        def corners(shape: Square) -> int:
            return shape.corners()


        def counted():
            global _count
            _count += 1
            return _count


        def label(x):
            é = "é"; return f"{é} {FACTOR} {x:{FACTOR}} FACTOR"


        def late(x):
            from kit.shapes import area as surface
            return surface(x)


        def doubled(numbers):
            return [number * 2 for number in numbers], sum(numbers), [FACTOR for FACTOR in numbers]


        Number = float
        ''',
    "kit/deep/__init__.py": "",
    "kit/deep/well.py": "from ..units import *\nfrom . import spring\nimport os.path\n\ndef draw():\n    return scale(spring.water()), os.path.basename('a/b')\n",
    "kit/deep/spring.py": "try:\n    from nowhere import water\nexcept ImportError:\n    def water():\n        return 3\n",
    "odd.py": "sides = 7\ndef sorted(x):\n    return 'odd'\ndef use(x):\n    return sorted(x)\nclass Box:\n    sides = 3\n    def both(self):\n        return self.sides, sides\n",
    "loud.py": "x = 1\nprint(x)\n",
    "lost.py": "def f():\n    return nothing\n",
    "whole.py": "from kit import units\ndef f():\n    return vars(units)\n",
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in MODULES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip())
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


def forget() -> None:
    for name in [name for name in sys.modules if re.match(r"(kit|odd|loud|lost|whole)\b", name)]:
        del sys.modules[name]


def printed(text: str) -> str:
    names: dict[str, Any] = {"__name__": "__main__"}
    with redirect_stdout(io.StringIO()) as stream:
        exec(compile(text, "script", "exec", dont_inherit=True), names)
    return stream.getvalue()


def both(root: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, str]:
    """Return what a snippet prints with its modules, the script made of it, and what that prints without them."""
    with monkeypatch.context() as path:
        path.syspath_prepend(str(root))
        forget()
        expected = printed(source)
    forget()
    text = bundle(source, root)
    assert not re.search(r"(?m)^\s*(from|import) (kit|odd|loud|lost|whole)\b", text)
    return expected, text, printed(text)


@pytest.mark.parametrize("source", [
    "from kit.shapes import area\nprint(area(2))\n",
    "from kit.shapes import area as surface\nprint(surface(2))\n",
    "from kit import shapes\nprint(shapes.area(2), shapes.Square().area(3))\n",
    "from kit import shapes as s, units\nprint(s.ring(2), units.FACTOR)\n",
    "import kit.shapes\nimport kit.units, math\nprint(kit.shapes.ring(2), kit.units.FACTOR, kit.__version__, math.pi)\n",
    "import kit.deep.well as w\nprint(w.draw())\n",
    "from kit.deep.well import draw\nprint(draw())\n",
    "from kit import area, __version__ as v\nprint(area(1), v)\n",
    "from kit.units import *\nprint(scale(2.5), doubled([1, 2]))\n",
    "from kit.units import scale\nfrom kit.shapes import Square\nprint(scale(0.17), Square().corners(), Square().area(2))\n",
    "from kit import shapes\nprint([getattr(shapes, name).__name__ for name in ('area', 'Square')])\n",
    "from kit.shapes import area\nTAU, HALF, math = 0, 0, None\n_check = fix = print\nprint(area(2), TAU)\n",
    "from kit.shapes import Square\ndef scale(x):\n    return -1\ndef area(x):\n    return -2\nprint(Square().area(2), scale(1), area(1))\n",
    "from kit.units import doubled\nsum = lambda numbers: 'mine'\nprint(doubled([1, 2]), sum([1]))\n",
    "from kit.units import label\nFACTOR = 3\nprint(label('x'), FACTOR)\n",
    "from kit.units import counted, late\nprint(counted(), counted(), late(1))\n",
    "from kit.units import late\narea, surface = 1, 2\nprint(late(1), area, surface)\n",
    "def f():\n    from kit.shapes import area\n    return area(1)\n\nprint(f())\n",
    "def f():\n    from kit.shapes import area as a, ring\n    return a(1), ring(2)\n\narea = 5\nprint(f(), area)\n",
    "if True:\n    from kit.shapes import area\nprint(area(1))\n",
    "try:\n    from kit.shapes import area as a\nexcept ImportError:\n    a = None\nprint(a(1))\n",
    "from __future__ import annotations\nfrom kit.shapes import area\ndef f(x: undefined):\n    return area(x)\n\nprint(f(1))\n",
    "x = 1; from kit.shapes import area; print(area(x))\n",
    "import math as m\nfrom math import pi\nfrom kit.shapes import TAU\nmath = 'é'\nprint(TAU == 2 * pi == 2 * m.pi, math)\n",
    "from kit.units import scale\ndown = floor = 3\nprint(scale(1), down, floor)\n",
    "from kit.shapes import Shape\nclass Square(Shape):\n    sides = 5\nprint(Square().corners())\n",
    "from kit.units import corners\nfrom kit import shapes as s\nprint(corners(s.Square()))\n",
    "print(max(1, 2))\n",
    "import kit\nprint(1)\n",
    "if True:\n    import kit\nprint(1)\n",
    "from odd import use\nprint(use([2, 1]), sorted([2, 1]))\n",
    "from odd import Box\nprint(Box().both())\n",
])  # fmt: skip
def test_the_script_prints_what_the_snippet_prints(root: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    expected, text, came = both(root, source, monkeypatch)
    assert came == expected != "", text


def test_the_script_holds_the_parts_that_are_needed_and_no_others(root: Path) -> None:
    text = bundle("from kit.units import label\nprint(label(1))\n", root)
    assert set(re.findall(r"(?m)^(?:def |class )?(\w+)(?=\(| =|:)", text)) == {"FACTOR", "label", "print"}
    assert re.findall(r"(?m)^(?:from|import) (\w+)", text) == ["__future__"]
    text = bundle("from kit.shapes import ring\nprint(ring(1))\n", root)
    assert "class" not in text
    assert "unused" not in text
    assert "class Square(Shape):" in bundle("from kit.shapes import Shape\n", root)  # which an annotation names


def test_the_script_is_tidy_and_names_its_sources(root: Path) -> None:
    source = '"""A claim."""\n\nimport math\n\nfrom kit.shapes import area\n\nx = 1  # one\n\n# %% cell\nprint(area(x), math.pi)\n'
    assert bundle(source, root) == textwrap.dedent('''\
        from __future__ import annotations

        import math
        from math import floor as down

        # --- kit/units.py of kit 1.2 ---

        FACTOR = 10


        def _units_check(x: Number) -> None:
            if x != x:
                raise ValueError("no number")


        def scale(x):
            _units_check(x)
            return down(x * FACTOR)


        Number = float


        # --- kit/shapes.py of kit 1.2 ---

        # The ratio of a circle.
        TAU, HALF = 2 * math.pi, 0.5


        def _check(x):
            if x < 0:
                raise ValueError(f"{x} is below {HALF}")


        def area(r):
            r"""Return the area
            of a circle.

            Source:
                Archimedes, "Measurement of a circle".
            """
            _check(r)
            return scale(HALF * TAU * r**2)


        # --- the snippet ---

        """A claim."""

        import math

        x = 1  # one

        # %% cell
        print(area(x), math.pi)
        ''')


def test_a_snippet_that_needs_no_module_of_ours_stays_as_it_is(root: Path) -> None:
    source = "from math import pi\nimport os.path\nprint(pi)"
    assert bundle(source, root) == source


@pytest.mark.parametrize(("source", "message"), [
    ("from kit.shapes import volume\n", r"kit/shapes.py has no 'volume'"),
    ("from loud import x\n", r"loud.py:2: binds no name, so that nothing asks for it"),
    ("from lost import f\n", r"lost.py:2: nothing has no meaning outside its module"),
    ("from whole import f\n", r"whole.py:3: units is used as a whole"),
    ("from kit.units import counted\n_count = 3\n", r"kit/units.py:\d+: a global name of this function is another one's too"),
    ("from kit.deep.well import draw\nos = 3\n", r"os means something else in the snippet than `import os.path` does"),
])  # fmt: skip
def test_what_cannot_be_taken_along_is_an_error_that_says_why(root: Path, source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bundle(source, root)
