"""The built site in a browser: every page, both palettes, wide and narrow; and what copying gives."""

import ast
import functools
import gzip
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect, sync_playwright

from dlref.site import snippets
from dlref.site.engine import Engine

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PALETTES = ("light", "dark")
BLOCK = re.compile(r"(?m)^# /// script$\n(?:^#.*$\n)*?^# ///$\n*")
# The sizes of what a selector finds, but for what is in the other tabs; tests may evaluate where pages may not.
SIZES = """kind => [...document.querySelectorAll(kind)].filter(element => {
    const block = element.closest(".tabbed-block")
    return !block || block.getClientRects().length
}).map(element => element.getBoundingClientRect().toJSON())"""
OPEN_ALL = "for (const details of document.querySelectorAll('details')) details.open = true"
# Bytes, compressed, of all that a first visit loads. KaTeX's fonts, 45 to 60 KB, count with the figures.
PLAIN, ILLUSTRATED = 150_000, 300_000
REPORT = "report/"  # has each snippet's claim: 11 KB, compressed, that no other page has
THOROUGH = {  # one page of each kind is loaded in both palettes; the others are loaded in light and turned dark
    *("", "activation-functions/relu/", "labs/driving/", "frameworks/differences/", "glossary/", "bibliography/"),
    *("ledger/", "api/activations/", REPORT),
}


@dataclass
class Visit:
    """What was seen of one page, loaded in one palette."""

    title: str = ""
    description: str = ""
    figures: int = 0
    formulas: int = 0
    size: int = 0
    overflow: int = 0
    asked: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves without a line for each request."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def site() -> Path:
    folder = Path(os.environ.get("DLREF_SITE") or ROOT / "site")
    if not (folder / "index.html").is_file():
        subprocess.run([sys.executable, "-m", "dlref.site.cli", "build"], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    found = sorted(file.relative_to(site).as_posix().removesuffix("index.html") for file in site.rglob("*.html"))
    assert len(found) > 10
    return found


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path and not os.environ.get("CI"):
        pytest.skip("there is no Chromium here; CHROMIUM=PATH names one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def context(browser: Browser, **options: Any) -> BrowserContext:
    made = browser.new_context(viewport=options.pop("viewport", WIDE), reduced_motion="reduce", **options)
    made.set_default_timeout(10_000)
    return made


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on a page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async () => (await axe.run({ resultTypes: ['violations'] })).violations"
        ".map(v => [v.id, v.nodes.map(n => n.target.join())])"
    )
    return [f"{rule}: {', '.join(targets[:3])} ({len(targets)})" for rule, targets in found]


def visit(browser: Browser, base: str, name: str, palette: Any) -> Visit:
    seen, responses = Visit(), list[Response]()
    with context(browser, color_scheme=palette) as made:
        page = made.new_page()
        page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.console.append(str(error)))
        page.on("requestfailed", lambda request: seen.failed.append(request.url))
        page.on("request", lambda request: seen.asked.append(request.url))
        page.on("response", lambda response: responses.append(response))  # noqa: PLW0108  (Playwright marks its handlers)
        page.goto(base + name, wait_until="networkidle")
        seen.failed += [f"{response.status} {response.url}" for response in responses if response.status >= 400]
        bodies = [response.body() for response in responses if response.status == 200]
        seen.size = sum(min(len(body), len(gzip.compress(body))) for body in bodies)
        seen.title = page.title()
        seen.description = page.evaluate("document.querySelector('meta[name=description]')?.content ?? ''")
        seen.figures = page.locator("figure svg").count()
        seen.formulas = page.locator(".katex").count()
        page.evaluate(OPEN_ALL)
        seen.axe += [f"wide: {found}" for found in violations(page)]
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        if name not in THOROUGH:
            page.emulate_media(color_scheme="dark")
            page.wait_for_function("document.body.dataset.mdColorScheme === 'slate'")
        seen.overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        seen.axe += [f"narrow: {found}" for found in violations(page)]
    return seen


@pytest.fixture(scope="session")
def visits(browser: Browser, base: str, pages: list[str]) -> dict[str, Visit]:
    """Every page in both palettes."""
    loads = [(name, palette) for name in pages for palette in PALETTES if palette == "light" or name in THOROUGH]
    return {f"{name} {palette}": visit(browser, base, name, palette) for name, palette in loads}


def test_no_page_says_anything_on_the_console(visits: dict[str, Visit]) -> None:
    found = [f"{name}: {seen.console}" for name, seen in visits.items() if seen.console]
    assert not found, "\n".join(found)


def test_no_request_fails(visits: dict[str, Visit]) -> None:
    found = [f"{name}: {seen.failed}" for name, seen in visits.items() if seen.failed]
    assert not found, "\n".join(found)


def test_nothing_is_loaded_from_another_origin(visits: dict[str, Visit], base: str) -> None:
    asked = {url for seen in visits.values() for url in seen.asked}
    assert len(asked) > len(visits) / 2
    assert [url for url in asked if not url.startswith((base, "data:"))] == []


def test_no_page_scrolls_sideways_at_360_pixels(visits: dict[str, Visit]) -> None:
    found = [f"{name}: {seen.overflow}" for name, seen in visits.items() if seen.overflow]
    assert not found, "\n".join(found)


def test_axe_finds_no_violation_wide_or_narrow_in_either_palette(visits: dict[str, Visit]) -> None:
    assert {f"{name} {palette}" for name in THOROUGH for palette in PALETTES} <= visits.keys()
    found = [f"{name}: {seen.axe}" for name, seen in visits.items() if seen.axe]
    assert not found, "\n".join(found)


def test_every_page_has_a_title_and_a_description_of_its_own(visits: dict[str, Visit]) -> None:
    own = [seen for name, seen in visits.items() if name.endswith("/ light")]
    assert [name for name, seen in visits.items() if not seen.title or not seen.description] == []
    assert len({seen.title for seen in own}) == len({seen.description for seen in own}) == len(own)


def test_a_first_visit_stays_within_the_budget(visits: dict[str, Visit]) -> None:
    rich = {name for name, seen in visits.items() if seen.figures or seen.formulas or name.startswith(REPORT)}
    limits = {name: ILLUSTRATED if name in rich else PLAIN for name in visits}
    over = {name: seen.size for name, seen in visits.items() if seen.size > limits[name]}
    assert over == {}


def test_the_palettes_differ_and_one_figure_serves_both(browser: Browser, base: str, visits: dict[str, Visit]) -> None:
    name = next(name for name, seen in visits.items() if seen.figures).rpartition(" ")[0]
    looks = []
    for palette in PALETTES:
        with context(browser, color_scheme=palette) as made:
            page = made.new_page()
            page.goto(base + name)
            text = page.locator("figure svg text").first
            looks.append(
                page.evaluate("getComputedStyle(document.body).backgroundColor")
                + text.evaluate("element => getComputedStyle(element).fill + getComputedStyle(element).fontFamily")
            )
    assert looks[0] != looks[1]
    assert all("Brygada" in look for look in looks)


def test_without_scripts_everything_is_there(browser: Browser, base: str, pages: list[str]) -> None:
    kinds = [".dl-snippet__code code", ".dl-snippet__output samp", ".dl-figure svg", ".katex-html"]
    seen = dict.fromkeys(kinds, 0)
    with context(browser, java_script_enabled=False) as made:
        page = made.new_page()
        for name in pages:
            page.goto(base + name)
            assert len(page.locator("article").inner_text().split()) > (50 if name.endswith("/") else 0)
            assert page.locator("dl-copy button").count() == 0
            for details in page.locator("details").all():
                if details.get_attribute("open") is None:
                    details.locator("summary").click()
            for kind in kinds:
                sizes = page.evaluate(SIZES, kind)
                assert [size for size in sizes if size["width"] <= 2 or size["height"] <= 5] == [], f"{name} {kind}"
                seen[kind] += len(sizes)
    assert min(seen.values()) > 0


def copies(page: Page) -> Iterator[tuple[str, list[str]]]:
    """Press *copy* on each snippet's code; yield what came and the lines of output shown."""
    page.evaluate(OPEN_ALL)
    page.add_style_tag(content=".tabbed-block { display: block !important }")
    for snippet in page.locator(".dl-snippet:not(.dl-cell):visible").all():
        button = snippet.get_by_role("button", name="Copy the code")
        button.click()
        expect(snippet.get_by_role("status").first).to_have_text("Copied")
        shown = snippet.locator(".dl-snippet__output:not(.dl-snippet__output--stderr) samp").all_text_contents()
        text = page.evaluate("navigator.clipboard.readText()")
        plain = BLOCK.sub("", text)  # which the page does not show
        assert all(code in plain for code in snippet.locator(".dl-snippet__code code").all_text_contents())
        yield text, "\n".join(shown).splitlines()


def test_copying_from_a_lab_gives_its_code_down_to_that_cell(browser: Browser, base: str, pages: list[str]) -> None:
    found = [name for name in pages if re.match(r"labs/[^/]+/$", name)]
    with context(browser, permissions=["clipboard-read", "clipboard-write"]) as made:
        page = made.new_page()
        for name in found:
            page.goto(base + name)
            source = (ROOT / "snippets" / f"{name.strip('/').replace('-', '_')}.py").read_text(encoding="utf-8")
            whole = ast.parse(source)
            for cell, place in (page.locator(".dl-cell").nth(1), 1), (page.locator(".dl-cell").last, -1):
                cell.get_by_role("button", name="Copy the code down to here").click()
                expect(cell.get_by_role("status").first).to_have_text("Copied")
                copied = ast.parse(page.evaluate("navigator.clipboard.readText()"))
                statements = whole.body[1:] if place < 0 else whole.body[1 : 1 + len(copied.body)]
                assert [ast.dump(node) for node in copied.body] == [ast.dump(node) for node in statements]
                assert len(copied.body) > 3
    assert len(found) == 9


def test_copying_as_one_script_gives_the_published_file_and_without_scripts_it_can_be_downloaded(
    browser: Browser, base: str, site: Path
) -> None:
    name, what = "activation-functions/softmax/", "dl-copy[data-what=script]:visible"
    with context(browser, viewport=NARROW, java_script_enabled=False) as made:
        page = made.new_page()
        page.goto(base + name)
        links = [link.evaluate("a => a.href") for link in page.locator(f"{what} a.dl-download").all()]
    assert links
    with context(browser, viewport=NARROW, permissions=["clipboard-read", "clipboard-write"]) as made:
        page = made.new_page()
        page.goto(base + name)
        buttons = page.locator(f"{what} button")
        assert buttons.count() == len(links)
        for button, link in zip(buttons.all(), links, strict=True):
            expect(button).to_have_accessible_name("Copy as one script")
            button.click()
            expect(button.locator("xpath=..").get_by_role("status")).to_have_text("Copied")
            text = (site / link.removeprefix(base)).read_text(encoding="utf-8")
            assert page.evaluate("navigator.clipboard.readText()") == text
            assert "\nfrom dlref" not in text
            tools = button.locator("xpath=../..").bounding_box()
            assert tools is not None
            assert tools["height"] < 40  # all tools in one row
        page.route("**/*.standalone.py", lambda route: route.fulfill(status=404))
        buttons.first.click()
        expect(buttons.first.locator("xpath=..").get_by_role("status")).to_have_text("Not copied")


def test_copying_gives_the_snippet_as_it_ran_down_to_what_the_page_shows_with_what_it_printed(
    browser: Browser, base: str, pages: list[str]
) -> None:
    """That it gives this output in a fresh interpreter too is seen in test_copies.py."""
    engine = Engine(ROOT, 1)
    engine.run(list(snippets.find(ROOT / "snippets")))  # what a build of this state has done already
    claims = {snippet.source.partition("\n")[0]: path for path, snippet in engine.snippets.items()}
    copied = []
    with context(browser, permissions=["clipboard-read", "clipboard-write"]) as made:
        page = made.new_page()
        for name in pages:
            page.goto(base + name)
            for text, shown in copies(page):
                path = claims[text.partition("\n")[0]]
                before, code, rest = engine.snippets[path].source.partition(text.strip())
                assert (before, code) == ("", text.strip()), f"{name}: {path}"
                assert not rest.strip() or rest.lstrip().startswith("# %%"), f"{name}: {path}"
                cells = [cell["outputs"] for cell in engine.notebook(path)["cells"] if cell["cell_type"] == "code"]
                printed = [output["text"] for outputs in cells for output in outputs if output.get("name") == "stdout"]
                assert "\n".join(shown) in "\n".join("".join(printed).splitlines()), f"{name}: {path}: {shown}"
                copied.append(path)
    engine.close(wait=False)
    shown_nowhere = {path for path in claims.values() if not snippets.is_lab(path)} - set(copied)
    assert not shown_nowhere
    assert len(copied) > 300


def test_copying_the_output_gives_the_output(browser: Browser, base: str, pages: list[str]) -> None:
    with context(browser, permissions=["clipboard-read", "clipboard-write"]) as made:
        page = made.new_page()
        for name in pages:
            page.goto(base + name)
            output = page.locator(".dl-snippet__output:visible").first
            if output.count():
                output.get_by_role("button", name="Copy the output").press("Enter")
                expect(output.get_by_role("status")).to_have_text("Copied")
                assert page.evaluate("navigator.clipboard.readText()") == output.locator("samp").text_content()
                return
    raise AssertionError("no page shows an output")


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_search_finds_a_word_and_its_dialog_has_no_violation(
    browser: Browser, base: str, palette: Any, size: dict[str, int]
) -> None:
    with context(browser, color_scheme=palette, viewport=size) as made:
        page = made.new_page()
        page.goto(base)
        if size == NARROW:
            page.locator(".md-header__button[for=__search]").click()
        field = page.get_by_role("textbox", name="Search")
        field.click()
        field.press_sequentially("softmax", delay=20)
        result = page.locator(".md-search-result__link").first
        expect(result).to_be_visible()
        assert violations(page) == []
        result.click()
        page.wait_for_url(re.compile(r"\?h=softmax"))
        expect(page.locator("article")).to_contain_text("softmax", ignore_case=True)


@pytest.mark.parametrize("palette", PALETTES)
def test_the_drawer_of_a_narrow_page_has_no_violation(browser: Browser, base: str, palette: Any) -> None:
    with context(browser, color_scheme=palette, viewport=NARROW) as made:
        page = made.new_page()
        page.goto(base)
        page.locator("header label[for=__drawer]").click()
        expect(page.locator(".md-nav--primary").get_by_role("link", name="Loss functions")).to_be_in_viewport()
        assert violations(page) == []


def follow(link: Locator) -> None:
    """Click, and wait until the whole page it leads to is there."""
    target = link.evaluate("a => a.href")
    link.click()
    link.page.wait_for_url(target)


def test_previous_and_next_lead_through_every_page_and_back(browser: Browser, base: str, pages: list[str]) -> None:
    with context(browser, java_script_enabled=False) as made:  # two hundred pages are faster without scripts
        page = made.new_page()
        page.goto(base)
        way = [page.url]
        while (link := page.locator(".md-footer__link--next")).count():
            follow(link)
            way.append(page.url)
            assert len(way) <= len(pages)
        assert {url.removeprefix(base) for url in way} == {name for name in pages if name != "404.html"}
        for expected in reversed(way[:-1]):
            follow(page.locator(".md-footer__link--prev"))
            assert page.url == expected


def test_the_palette_can_be_chosen_and_is_kept(browser: Browser, base: str) -> None:
    with context(browser, color_scheme="light") as made:
        page = made.new_page()
        page.goto(base)
        scheme = "document.body.dataset.mdColorScheme"
        assert page.evaluate(scheme) == "default"
        for _ in PALETTES:  # from the system's to light to dark
            page.locator("form[data-md-component=palette] label:visible").click()
        page.wait_for_function(f"{scheme} === 'slate'")
        page.reload()
        assert page.evaluate(scheme) == "slate"


# --- terms ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def terms(site: Path, pages: list[str]) -> str:
    """The page with most terms."""
    counts = {name: (site / name / "index.html").read_text().count("<dl-term>") for name in pages if name.endswith("/")}
    assert sum(counts.values()) > 50
    assert counts["glossary/"] == 0
    return max(counts, key=lambda name: counts[name])


def tip(term: Locator) -> Locator:
    return term.locator("[role=tooltip]")


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_each_term_shows_its_meaning_to_pointer_and_keyboard_inside_the_window(
    browser: Browser, base: str, terms: str, palette: Any, size: dict[str, int]
) -> None:
    with context(browser, color_scheme=palette, viewport=size) as made:
        page = made.new_page()
        page.goto(base + terms)
        page.evaluate(OPEN_ALL)
        terms_here = page.locator("dl-term").all()
        for term in terms_here if (palette == "light") == (size == WIDE) else terms_here[:1]:
            link = term.locator("a")
            expect(link).to_have_accessible_description(tip(term).text_content() or "-")
            expect(tip(term)).to_be_hidden()
            for show, hide in (link.hover, lambda: page.mouse.move(0, 0)), (link.focus, link.blur):
                show()
                expect(tip(term)).to_be_visible()
                box, word = tip(term).bounding_box(), link.bounding_box()
                assert box is not None
                assert word is not None
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= size["width"]
                assert 0 <= box["y"]
                assert box["y"] + box["height"] <= size["height"]
                assert min(abs(box["y"] - word["y"] - word["height"]), abs(word["y"] - box["y"] - box["height"])) < 40
                hide()
                expect(tip(term)).to_be_hidden()
        page.locator("dl-term a").first.focus()
        page.wait_for_timeout(300)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_meaning_stays_under_the_pointer_and_goes_on_escape(browser: Browser, base: str, terms: str) -> None:
    with context(browser) as made:
        page = made.new_page()
        page.goto(base + terms)
        term = page.locator("dl-term").first
        term.locator("a").hover()
        page.wait_for_timeout(400)  # who only passes over the word is not held up
        box = tip(term).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 5, box["y"] - 1, steps=5)  # between the word and its meaning
        expect(tip(term)).to_be_visible()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
        page.wait_for_timeout(600)
        expect(tip(term)).to_be_visible()
        page.keyboard.press("Escape")
        expect(tip(term)).to_be_hidden()
        page.mouse.move(0, 0)
        term.locator("a").hover()
        expect(tip(term)).to_be_visible()  # again, on a new visit
        page.mouse.move(0, 0)
        term.locator("a").focus()
        page.keyboard.press("Escape")
        expect(tip(term)).to_be_hidden()
        expect(term.locator("a")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        expect(tip(term)).to_be_visible()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/glossary/#"))
        expect(page.locator("dfn:target")).to_be_in_viewport()


def test_a_finger_opens_a_meaning_first_and_follows_the_link_then(browser: Browser, base: str, terms: str) -> None:
    with context(browser, viewport=NARROW, has_touch=True, is_mobile=True) as made:
        page = made.new_page()
        page.goto(base + terms)
        first, second = page.locator("dl-term").first, page.locator("dl-term").last  # no meaning covers the other
        first.locator("a").tap()
        expect(tip(first)).to_be_visible()
        assert page.url == base + terms
        second.locator("a").tap()
        expect(tip(second)).to_be_visible()
        expect(tip(first)).to_be_hidden()
        page.locator("h1").tap()
        expect(tip(second)).to_be_hidden()
        for _ in range(2):
            second.locator("a").tap()
        page.wait_for_url(re.compile("/glossary/#"))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_without_scripts_a_term_is_a_link_and_shows_its_meaning(
    browser: Browser, base: str, terms: str, size: dict[str, int]
) -> None:
    with context(browser, viewport=size, java_script_enabled=False) as made:
        page = made.new_page()
        page.goto(base + terms)
        for term in page.locator("dl-term:visible").all():
            for show in term.locator("a").hover, term.locator("a").focus:
                show()
                box = tip(term).bounding_box()
                assert box is not None
                assert 0 <= box["x"] <= box["x"] + box["width"] <= size["width"]
            term.locator("a").blur()
            page.mouse.move(0, 0)
        page.locator("dl-term:visible a").first.click()
        page.wait_for_url(re.compile("/glossary/#"))


def test_terms_are_not_seen_in_print_and_not_copied(browser: Browser, base: str, terms: str) -> None:
    with context(browser) as made:
        page = made.new_page()
        page.goto(base + terms)
        term = page.locator("dl-term").first
        meaning = tip(term).text_content() or "-"
        assert meaning not in page.locator("article").inner_text()
        term.locator("a").focus()
        page.emulate_media(media="print")
        expect(tip(term)).to_be_hidden()


# --- the build report -------------------------------------------------------------------------------


def numbers(table: Locator, column: int) -> list[float]:
    cells = table.locator(f"tbody tr:not(:has([scope=rowgroup])) > :nth-child({column})").all_text_contents()
    return [float(text) for text in cells]


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_report_is_sorted_and_searched_by_keyboard(
    browser: Browser, base: str, palette: Any, size: dict[str, int]
) -> None:
    with context(browser, color_scheme=palette, viewport=size) as made:
        page = made.new_page()
        page.goto(base + REPORT)
        table, groups = page.locator("dl-report table"), page.locator("dl-report [scope=rowgroup]:visible")
        head = table.get_by_role("columnheader", name="CPU, s")
        written, topics = numbers(table, 4), groups.count()
        assert topics > 5
        for way, order in ("descending", sorted(written)[::-1]), ("ascending", sorted(written)), (None, written):
            head.get_by_role("button").press("Enter")
            assert head.get_attribute("aria-sort") == way
            assert numbers(table, 4) == order
            assert groups.count() == (0 if way else topics)
        name = table.get_by_role("columnheader", name="Snippet and claim")
        name.get_by_role("button").press("Space")
        assert name.get_attribute("aria-sort") == "ascending"
        assert table.locator("tbody th code").first.inner_text() < table.locator("tbody th code").last.inner_text()
        field, status = page.get_by_label("Show rows with"), page.locator("dl-report").get_by_role("status")
        expect(status).to_have_text(f"{len(written)} of {len(written)}")
        field.press_sequentially("labs DRIVING")
        expect(status).to_have_text(f"1 of {len(written)}")
        expect(table.locator("tbody th code:visible")).to_have_text("driving.py")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        for _ in range(2):  # down, and back to the topics, of which one has a row to show
            name.get_by_role("button").press("Enter")
        expect(groups).to_have_count(1)
        field.fill("no such row")
        expect(status).to_have_text(f"0 of {len(written)}")
        expect(groups).to_have_count(0)
        field.fill("")
        expect(groups).to_have_count(topics)
        table.get_by_role("link").first.click()
        page.wait_for_url(re.compile("#(snippet|cell)-"))
        expect(page.locator(":target")).to_be_in_viewport()


def test_without_scripts_the_report_is_a_table_in_groups(browser: Browser, base: str) -> None:
    with context(browser, java_script_enabled=False) as made:
        page = made.new_page()
        page.goto(base + REPORT)
        report = page.locator("dl-report")
        assert report.locator("button, input").count() == 0
        assert report.locator("th[scope=row]:visible").count() == report.locator("th[scope=row]").count() > 300
        assert report.locator("th[scope=rowgroup]:visible").count() > 5
        report.get_by_role("link", name="Autonomous driving").first.click()
        expect(page.locator(":target")).to_be_in_viewport()
