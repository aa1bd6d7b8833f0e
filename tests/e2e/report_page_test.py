"""The HTML report in a headless Chromium: what a person sees, types, prints and saves.

Usage: report_page_test.py REPORT_PAGES (the program that writes the pages)"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from browser import Browser  # noqa: E402

PROGRAM = sys.argv.pop(1)
FOLDER = tempfile.TemporaryDirectory(prefix="haetae-pages-")
PAGES = pathlib.Path(FOLDER.name)


def shown(browser, selector):
    """Whether an element takes room on the page."""
    return browser.run("const e = document.querySelector(arguments[0]); return e !== null && e.checkVisibility() && "
                       "e.getClientRects().length > 0", selector)


def text(browser, selector):
    return browser.run("return document.querySelector(arguments[0]).innerText", selector)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def open(self, name, fragment=""):
        self.browser.devtools("Emulation.clearDeviceMetricsOverride")
        self.browser.media()
        self.browser.open("about:blank")
        self.browser.open(f"file://{PAGES}/{name}{fragment}")

    def quiet(self):
        self.assertEqual(self.browser.complaints(), [])


class Reading(Pages):
    def test_nothing_is_loaded_and_nothing_is_refused(self):
        self.open("sample-en.html")
        self.quiet()
        self.assertEqual(self.browser.run("return performance.getEntriesByType('resource').filter("
                                          "e => !e.name.startsWith('data:')).length"), 0)
        policy = self.browser.run("return document.querySelector('meta[http-equiv]').content")
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        # The policy bites: another script, another style and a foreign picture are refused.
        self.browser.run("""
            const script = document.createElement('script'); script.textContent = 'window.foreign = 1';
            document.body.append(script);
            document.body.setAttribute('style', 'color: red');
            const image = new Image(); image.src = 'http://127.0.0.1:9/x.png'; document.body.append(image);""")
        self.assertIsNone(self.browser.run("return window.foreign ?? null"))
        self.browser.wait("return true")
        complaints = " ".join(self.browser.complaints())
        for directive in ("script-src", "style-src", "img-src"):
            self.assertIn(directive, complaints)

    def test_language_switches_everywhere(self):
        self.open("sample-ko.html")
        self.assertEqual(self.browser.run("return document.documentElement.lang"), "ko")
        self.assertIn("구매자를 위한 요약", text(self.browser, "#summary h2"))
        self.assertNotIn("Summary", text(self.browser, "#summary h2"))
        self.browser.click("label:has(#show-en)")
        self.assertEqual(self.browser.run("return document.documentElement.lang"), "en")
        self.assertIn("Summary for a buyer", text(self.browser, "#summary h2"))
        korean = self.browser.run("return Array.from(document.querySelectorAll('main [lang=ko]')).filter("
                                  "e => e.checkVisibility()).length")
        self.assertEqual(korean, 0)
        self.assertIn("Search", self.browser.run("return document.querySelector('#find').placeholder"))
        self.quiet()

    def test_search_finds_items_findings_steps_and_evidence(self):
        self.open("sample-en.html")
        self.browser.press("/")
        self.assertEqual(self.browser.run("return document.activeElement.id"), "find")
        self.browser.type("#find", "telnet-shell")
        self.browser.wait("return document.querySelectorAll('#hits li').length > 0")
        self.assertIn("evidence 1", text(self.browser, "#hit-count"))
        self.assertEqual(self.browser.run("return document.querySelector('#hit-count').getAttribute('aria-live')"),
                         "polite")
        self.assertIn("telnet-shell", text(self.browser, "#hits mark"))
        self.browser.press("Enter")
        self.browser.wait("return location.hash === '#evidence-1'")
        self.assertTrue(shown(self.browser, "#evidence-1"))
        for word, kind in (("title of item 3.1", "item 1"), ("telnet 127.0.0.1", "finding 1"),
                           ("no debug port.", "step 3"), ("needle2", "evidence 11")):
            self.browser.run("document.querySelector('#find').value = ''")
            self.browser.type("#find", word)
            self.browser.wait("return document.querySelector('#hit-count').innerText.includes(arguments[0])", kind)
        self.browser.press("Escape")
        self.assertFalse(shown(self.browser, "#hits"))
        self.browser.type("#find", "nothing like it")
        self.browser.wait("return document.querySelector('#hit-count').innerText === 'Nothing found'")
        self.quiet()

    def test_filter_by_verdict_and_fold(self):
        self.open("sample-en.html")
        rows = "return Array.from(document.querySelectorAll('#items tbody tr')).filter(e => e.checkVisibility()).length"
        self.assertEqual(self.browser.run(rows), 3)
        self.browser.click("#filters [data-verdict=fail]")
        self.assertEqual(self.browser.run(rows), 1)
        self.assertEqual(text(self.browser, "#filter-count"), "1 of 3 items")
        self.assertFalse(shown(self.browser, "details.item:has(#item-3\\.1)"))
        self.browser.click("#filters [data-verdict=pass]")
        self.assertEqual(self.browser.run(rows), 2)
        self.browser.click("#filters [data-verdict=fail]")
        self.browser.click("#filters [data-verdict=pass]")
        self.assertEqual(self.browser.run(rows), 3)
        self.browser.click("#unfold")
        self.assertTrue(shown(self.browser, "#item-3\\.1"))
        self.browser.click("#fold")
        self.assertFalse(shown(self.browser, "#item-3\\.1"))
        # A link to what a filter hides shows it.
        self.browser.click("#filters [data-verdict=fail]")
        self.browser.run("location.hash = '#item-3.1'")
        self.browser.wait("return document.querySelector('#item-3\\\\.1').checkVisibility()")
        self.quiet()

    def test_links_lead_somewhere_and_unfold_it(self):
        self.open("sample-en.html")
        lost = self.browser.run("return Array.from(document.querySelectorAll('a[href^=\"#\"]')).filter("
                                "a => document.getElementById(decodeURIComponent(a.hash.slice(1))) === null)"
                                ".map(a => a.outerHTML)")
        self.assertEqual(lost, [])
        code = self.browser.run("return document.querySelector('.finding').id")
        self.assertRegex(code, "^F-[0-9a-f]{12}$")
        for fragment in ("item-3.1", "evidence-20", "step-7.1-manual", code):
            self.open("sample-en.html", "#" + fragment)
            self.browser.wait("const e = document.getElementById(arguments[0]); const r = "
                              "e.getBoundingClientRect(); return e.checkVisibility() && r.top >= 0 && "
                              "r.top < innerHeight", fragment)

    def test_evidence_is_a_conversation_with_decisive_bytes_marked(self):
        self.open("sample-en.html", "#evidence-1")
        talk = self.browser.run("return Array.from(document.querySelectorAll('#evidence-1 .talk li'), e => "
                                "[e.className, e.innerText])")
        self.assertEqual([kind for kind, _ in talk], ["event", "back", "out", "back", "back in"])
        self.assertIn("device → tester 2.000 ms", talk[1][1])
        self.assertIn("login:", talk[1][1])
        self.assertIn("tester → device 3.500 ms", talk[2][1])
        self.assertIn("16 03 01 00 05 00 ff 80", talk[3][1])
        self.assertIn("inside the encryption", talk[4][1])
        self.assertEqual(text(self.browser, "#evidence-1 mark"), "telnet-shell")

    def test_what_was_not_given_says_so_and_a_draft_is_a_draft(self):
        self.open("sample-en.html")
        self.assertIn("Draft", text(self.browser, ".cover"))
        self.assertIn("not given", text(self.browser, ".cover"))
        self.assertIn("not given", text(self.browser, "#opinion"))
        self.open("issued.html")
        cover = text(self.browser, ".cover")
        self.assertNotIn("Draft", cover)
        for words in ("HT-2026-002", "HT-2026-001", "a wrong serial number", "Haetae Laboratory", "SimCam Incorporated"):
            self.assertIn(words, cover)
        self.assertIn("not recommended", text(self.browser, "#opinion"))
        self.assertIn("firmware 1.4.2 instead", text(self.browser, "#corrections"))
        self.assertIn("SW-1", text(self.browser, "#method"))

    def test_pictures_of_answers_are_shown(self):
        self.open("sample-en.html", "#step-7.1-photos")
        self.browser.wait("const i = document.querySelector('#steps img'); return i.complete && i.naturalWidth === 1")
        self.assertIn("board.png", self.browser.run("return document.querySelector('#steps img').alt"))
        self.assertIn("no port", text(self.browser, "#step-7\\.1-photos .given"))
        self.assertIn("earlier answer", text(self.browser, "#step-7\\.1-photos .earlier"))
        self.assertEqual(text(self.browser, "#step-7\\.1-manual mark") if shown(self.browser, "#step-7\\.1-manual mark")
                         else "debug port", "debug port")
        self.quiet()


class Looks(Pages):
    def colours(self):
        return self.browser.run("const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]")

    def test_light_dark_and_the_switch(self):
        self.open("sample-en.html")
        self.browser.media(prefers_color_scheme="light")
        light = self.colours()
        self.browser.media(prefers_color_scheme="dark")
        dark = self.colours()
        self.assertNotEqual(light, dark)
        self.browser.click("label:has(#theme-light)")
        self.assertEqual(self.colours(), light)
        self.browser.media(prefers_color_scheme="light")
        self.browser.click("label:has(#theme-dark)")
        self.assertEqual(self.colours(), dark)

    def test_contrast_is_enough_in_light_and_dark(self):
        ratios = """
            const light = (text) => { const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((v) => { v /= 255;
              return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            const paper = light(getComputedStyle(document.body).backgroundColor);
            return ['.v-pass', '.v-fail', '.v-pending', '.soft', 'a', 'h2', '.none', '.meta'].map((selector) => {
              const ink = light(getComputedStyle(document.querySelector(selector)).color);
              return [selector, (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)]; });"""
        self.open("sample-en.html")
        for scheme in ("light", "dark"):
            self.browser.media(prefers_color_scheme=scheme)
            for selector, ratio in self.browser.run(ratios):
                self.assertGreater(ratio, 4.5, f"{selector} in {scheme}")

    def test_no_width_scrolls_sideways(self):
        for name in ("sample-ko.html", "sample-en.html", "hostile.html"):
            for width in (320, 390, 768, 1280):
                self.open(name)
                self.browser.size(width, 800)
                self.browser.run("document.querySelector('#unfold').click(); "
                                 "for (const d of document.querySelectorAll('details')) d.open = true")
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width,
                                     f"{name} at {width}")

    def test_tables_become_cards_on_a_phone(self):
        self.open("sample-ko.html")
        self.browser.size(390, 844)
        label = ("return getComputedStyle(document.querySelector('#items tbody td'), '::before').content")
        self.assertEqual(self.browser.run(label), '"항목"')
        self.browser.click("label:has(#show-en)")
        self.assertEqual(self.browser.run(label), '"Item"')

    def test_nothing_moves(self):
        self.open("sample-en.html")
        moving = self.browser.run("return Array.from(document.querySelectorAll('*')).filter(e => { const s = "
                                  "getComputedStyle(e); return s.animationName !== 'none' || "
                                  "parseFloat(s.transitionDuration) > 0 || s.scrollBehavior === 'smooth'; }).length")
        self.assertEqual(moving, 0)
        self.assertEqual(self.browser.run("return document.getAnimations().length"), 0)

    def test_print_shows_every_item_without_controls(self):
        self.open("sample-en.html")
        self.browser.pdf(PAGES / "print.pdf")
        printed = subprocess.run(["pdftotext", "-layout", PAGES / "print.pdf", "-"], check=True, capture_output=True,
                                 text=True).stdout
        for words in ("Title of item 1.2", "Title of item 3.1", "Criterion 3.1-tls", "E30", "F-", "end of report"):
            self.assertIn(words, printed)
        for words in ("Save answers", "Unfold all", "한국어"):
            self.assertNotIn(words, printed)


class Large(Pages):
    """A page as big as that of a real run, of which little is on the screen at any time."""
    LAYOUT = """
        const box = (selector) => { const r = document.querySelector(selector).getBoundingClientRect();
          return [r.left, r.width].map(Math.round); };
        const style = (selector) => getComputedStyle(document.querySelector(selector));
        return {page: document.documentElement.scrollWidth, contents: box('.contents'), main: box('#summary'),
          detail: box('#item-6\\\\.40'), row: style('#items tbody tr').display,
          head: style('#items thead').position, cell: style('#items tbody td').display};"""

    def layout(self):
        return self.browser.run(self.LAYOUT)

    def assert_desk(self, layout, width):
        self.assertLessEqual(layout["page"], width)
        self.assertLess(sum(layout["contents"]), layout["main"][0])  # the contents stand beside the text
        self.assertEqual((layout["row"], layout["head"], layout["cell"]), ("table-row", "static", "table-cell"))
        self.assertGreater(layout["detail"][1], 600)

    def assert_phone(self, layout, width):
        self.assertLessEqual(layout["page"], width)
        self.assertEqual(layout["contents"][0], layout["main"][0])
        self.assertEqual((layout["row"], layout["head"], layout["cell"]), ("block", "absolute", "grid"))
        self.assertLess(layout["detail"][1], width)
        self.assertGreater(layout["detail"][1], width - 80)

    def test_the_window_may_become_narrow_and_wide_again(self):
        self.open("large.html")
        self.assertGreater(self.browser.run("return document.querySelectorAll('*').length"), 40_000)
        self.browser.size(1280, 800)
        desk = self.layout()
        self.assert_desk(desk, 1280)
        self.browser.size(390, 844)
        phone = self.layout()
        self.assert_phone(phone, 390)
        self.browser.size(1280, 800)
        self.assertEqual(self.layout(), desk)
        # With everything unfolded as well.
        self.browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
        self.browser.size(390, 844)
        self.assertEqual(self.layout(), phone)
        self.browser.click("label:has(#show-ko)")
        self.assertFalse(shown(self.browser, "#summary [lang=en]"))
        self.assertEqual(self.browser.run("return getComputedStyle(document.querySelector('#items tbody td'), "
                                          "'::before').content"), '"항목"')
        self.browser.click("label:has(#theme-dark)")
        self.assertEqual(self.browser.run("return getComputedStyle(document.body).backgroundColor"),
                         "rgb(20, 24, 29)")
        self.browser.click("label:has(#show-en)")
        self.browser.size(1280, 800)
        self.assertEqual(self.layout(), desk)
        self.quiet()

    def test_what_is_far_from_the_screen_is_found_linked_and_read_aloud(self):
        self.open("large.html", "#evidence-1200")
        top = self.browser.wait("return document.getElementById('evidence-1200').getBoundingClientRect().top")
        self.assertGreater(top, 0)
        self.assertLess(top, self.browser.run("return innerHeight"))
        self.browser.run("getSelection().removeAllRanges(); scrollTo(0, 0); "
                         "document.querySelector('#evidence-100').closest('.ev').open = true")
        self.assertTrue(self.browser.run("return window.find('Criterion 6.39-b')"))
        self.assertTrue(self.browser.run("return window.find('Welcome to page 67')"))
        names = [node.get("name", {}).get("value", "") for node in
                 self.browser.devtools("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")]
        self.assertTrue(any("Title of item 6.38" in name for name in names))
        self.assertTrue(any("Criterion 6.38-b" in name for name in names))


class Access(Pages):
    def test_landmarks_headings_and_tables(self):
        self.open("sample-en.html")
        self.assertEqual(self.browser.run("return ['main', 'header', 'footer', 'nav', 'h1'].map(s => "
                                          "document.querySelectorAll(s).length)"), [1, 1, 1, 1, 1])
        levels = self.browser.run("return Array.from(document.querySelectorAll('h1, h2, h3, h4'), e => +e.tagName[1])")
        self.assertEqual(levels[0], 1)
        for before, after in zip(levels, levels[1:]):
            self.assertLessEqual(after - before, 1)
        self.assertEqual(self.browser.run("return document.querySelectorAll('th:not([scope])').length"), 0)
        nameless = self.browser.run("""
            return Array.from(document.querySelectorAll('input, textarea, button, summary, svg, img, section, nav')).filter((e) =>
              e.checkVisibility() && !(e.textContent ?? '').trim() && !e.labels?.length && !e.getAttribute('aria-label') &&
              !e.getAttribute('aria-labelledby') && !e.alt).map((e) => e.outerHTML.slice(0, 100));""")
        self.assertEqual(nameless, [])
        twice = self.browser.run("const ids = Array.from(document.querySelectorAll('[id]'), e => e.id); "
                                 "return ids.filter((id, at) => ids.indexOf(id) !== at)")
        self.assertEqual(twice, [])

    def test_the_accessibility_tree_knows_the_parts(self):
        self.open("sample-en.html")
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        roles = {}
        for node in nodes:
            if not node.get("ignored"):
                roles.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
        for role in ("main", "banner", "contentinfo", "navigation", "search", "searchbox", "table", "columnheader",
                     "rowheader", "region", "status"):
            self.assertIn(role, roles)
        self.assertIn("Summary for a buyer", " ".join(roles["region"]))
        for name in roles.get("image", []) + roles.get("img", []) + roles.get("graphics-document", []):
            self.assertNotEqual(name, "")

    def test_the_keyboard_reaches_everything_and_shows_where_it_is(self):
        self.open("sample-en.html")
        seen = []
        for _ in range(12):
            self.browser.press("Tab")
            seen.append(self.browser.run("const e = document.activeElement; return [e.id || e.className || e.tagName, "
                                         "getComputedStyle(e.matches('.switch input') ? e.nextElementSibling : e)"
                                         ".outlineStyle]"))
        self.assertEqual(seen[0][0], "skip")
        self.assertIn("find", [name for name, _ in seen])
        self.assertIn("show-en", [name for name, _ in seen])
        for name, outline in seen:
            self.assertNotEqual(outline, "none", name)
        self.browser.run("document.querySelector('details.item:has(#item-3\\\\.1) > summary').focus()")
        self.browser.press("Enter")
        self.assertTrue(shown(self.browser, "#item-3\\.1"))


class Hostile(Pages):
    def test_device_words_stay_words(self):
        self.open("hostile.html")
        self.quiet()
        self.assertIsNone(self.browser.run("return window.pwned ?? null"))
        self.assertEqual(self.browser.run("return document.scripts.length"), 1)
        self.assertEqual(self.browser.run("return document.querySelectorAll('[onerror], [onload], a[href^=javascript], "
                                          "style ~ style, iframe, object, embed, form, base').length"), 0)
        body = self.browser.run("return document.body.innerText")
        self.assertIn("<script>window.pwned=1</script>", body)
        self.assertIn("\\xe2\\x80\\xae", body)
        self.assertIn("\\xff\\xfe\\x80", body)
        self.assertIn("\\xed\\xa0\\x80", body)
        self.assertEqual(re.findall("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffd]",
                                    self.browser.run("return document.documentElement.textContent")), [])
        self.assertIn("Damaged run", text(self.browser, ".damaged"))
        self.assertLess((PAGES / "hostile.html").stat().st_size, 3_000_000)

    def test_the_page_still_works(self):
        self.open("hostile.html")
        self.browser.type("#find", "<script>")
        self.browser.wait("return document.querySelectorAll('#hits li').length > 0")
        self.assertIsNone(self.browser.run("return window.pwned ?? null"))
        self.assertEqual(self.browser.run("return document.querySelectorAll('#hits script, #hits img').length"), 0)
        for link in self.browser.run("return Array.from(document.querySelectorAll('a'), a => a.getAttribute('href'))"):
            self.assertTrue(link.startswith("#"), link)
        self.quiet()


class Answers(Pages):
    def form(self, criterion):
        return f"fieldset[data-criterion='{criterion}']"

    def fill(self, criterion, outcome, **fields):
        self.browser.run("document.querySelector(arguments[0]).closest('details').open = true", self.form(criterion))
        self.browser.click(f"{self.form(criterion)} [value='{outcome}']")
        for name, value in fields.items():
            self.browser.type(f"{self.form(criterion)} [name={name}]", value)

    def saved(self):
        self.browser.click("#save-answers")
        data = self.browser.saved("answers.xml")
        file = PAGES / "answers.xml"
        file.write_bytes(data)
        subprocess.run(["xmllint", "--noout", "--schema", ROOT / "harness/declaration/answers.xsd", file], check=True,
                       capture_output=True)
        return subprocess.run([PROGRAM, "answers", file], check=True, capture_output=True, text=True).stdout

    def test_nothing_is_chosen_by_itself(self):
        self.open("sample-en.html")
        self.assertEqual(self.browser.run("return document.querySelectorAll('.answer :checked').length"), 0)
        self.browser.click("#save-answers")
        self.assertEqual(text(self.browser, "#save-state"), "No outcome is chosen yet.")

    def test_saves_a_file_that_the_program_reads(self):
        self.open("sample-en.html")
        (PAGES / "photo one.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
        odd = "본 것: <no> & \"quotes\" 'and' ]]> tab\there"
        self.fill("7.1-photos", "conforms", who="Kim <\"Min\"> & Co", text=odd.replace("\t", " "),
                  files=str(PAGES / "photo one.png"))
        told = self.saved()
        self.assertIn("0b9c7a52-1111-2222-3333-444455556666 form\n", told)
        self.assertIn("7.1-photos|conforms|Kim <\"Min\"> & Co||" + odd.replace("\t", " "), told)
        self.assertIn("  photo one.png|image/png|10248\n", told)
        # What was typed stays, more comes, and it is saved again.
        self.fill("7.1-second", "does-not-conform", who="Kim", second="Lee", text="a port")
        told = self.saved()
        self.assertIn("7.1-photos|conforms|", told)
        self.assertIn("7.1-second|does-not-conform|Kim|Lee|a port", told)
        self.browser.click(f"{self.form('7.1-photos')} .clear")
        self.assertNotIn("7.1-photos", self.saved())
        self.quiet()

    def test_what_is_missing_is_asked_for(self):
        self.open("sample-en.html")
        self.fill("7.1-second", "conforms", text="seen")
        trouble = self.form("7.1-second") + " .trouble"
        for name, value, words in (("who", "Kim", "name of who looked"), ("second", "kim ", "Another person"),
                                   ("second", "Lee", "another person")):
            self.browser.click("#save-answers")
            self.assertIn(words, text(self.browser, trouble))
            self.assertEqual(self.browser.run("return document.activeElement.name"), name)
            self.browser.run("document.activeElement.value = ''")
            self.browser.press(*value)
        self.assertIn("7.1-second|conforms|Kim|Lee|seen", self.saved())


class WithoutScript(unittest.TestCase):
    def test_everything_can_be_read(self):
        browser = Browser(javascript=False)
        try:
            browser.size(1200, 800)
            browser.open(f"file://{PAGES}/sample-en.html#item-3.1")
            self.assertEqual(browser.run("return document.documentElement.className"), "")
            # A link unfolds what it leads to.
            self.assertTrue(shown(browser, "#item-3\\.1"))
            for part in ("#find", "#filters", ".answer", "#save-answers"):
                self.assertFalse(shown(browser, part), part)
            self.assertIn("Summary for a buyer", text(browser, "#summary"))
            browser.click("label:has(#show-ko)")
            self.assertIn("구매자를 위한 요약", text(browser, "#summary"))
            self.assertNotIn("Summary for a buyer", text(browser, "#summary"))
            browser.click("label:has(#theme-dark)")
            self.assertEqual(browser.run("return getComputedStyle(document.body).backgroundColor"), "rgb(20, 24, 29)")
            browser.open(f"file://{PAGES}/sample-en.html#evidence-1")
            self.assertIn("Welcome to SimCam", text(browser, "#evidence-1"))
        finally:
            browser.close()


if __name__ == "__main__":
    subprocess.run([PROGRAM, "pages", PAGES], check=True)
    unittest.main(verbosity=2)
