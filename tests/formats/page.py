#!/usr/bin/env python3
"""Checks an HTML report in a browser: accessibility, layout, scripts, paper.

    tests/formats/page.py PAGE AXE [PICTURES]

AXE is the path of `axe.min.js` from the npm package axe-core. Requires Chromium and the Python
package playwright. Opens the page at several widths, light and dark, with and without scripts, and
as a print-out. If the folder PICTURES is given, saves a picture of each. Prints problems and exits
with 1 if there are any.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTHS = [360, 800, 1400]
SCHEMES = ["light", "dark"]

# Text that does not fit into the width of the page, and what makes it too wide.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter((element) =>
    element.getBoundingClientRect().right > width + 1 && !element.classList.contains('sr'));
  return ['wider than the window: ' + wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 90)).join('; ')];
}"""

# Elements with text that are not displayed, apart from those for screen readers.
HIDDEN = """() => [...document.querySelectorAll('.file, .group, details dd, .months li, .letter')]
  .filter((element) => !element.checkVisibility({contentVisibilityAuto: true}))
  .slice(0, 5).map((element) => 'not on paper: ' + element.outerHTML.slice(0, 90))"""

# Ids that occur twice, and links and labels without a target.
REFERENCES = """() => {
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => 'id occurs twice: ' + id);
  const targets = [...document.querySelectorAll('a[href], label[for], [aria-labelledby]')].map((element) =>
    element.getAttribute('href')?.replace(/^#/, '') ?? element.getAttribute('for') ?? element.getAttribute('aria-labelledby'));
  return twice.concat(targets.filter((id) => !ids.includes(id)).map((id) => 'no element has the id ' + id));
}"""

# Moves the focus through the first controls; each needs a visible outline, its own or its label's.
OUTLINE = """() => {
  const shown = (element) => element && getComputedStyle(element).outlineStyle !== 'none';
  const focused = document.activeElement;
  if (focused === document.body) return null;
  return shown(focused) || shown(focused.nextElementSibling) ? '' : focused.outerHTML.slice(0, 90);
}"""
FOCUSED_CONTROLS = 12


def violations(page, axe):
    """Returns the violations that axe-core finds, with the first elements of each."""
    page.evaluate(axe)
    found = page.evaluate("() => axe.run().then((results) => results.violations)")
    return [f"axe {rule['id']}: {rule['help']}: {node['html'][:120]}"
            for rule in found for node in rule["nodes"][:3]]


def hidden_focus(page):
    """Returns the controls that show no outline when the focus is on them."""
    problems = []
    for _ in range(FOCUSED_CONTROLS):
        page.keyboard.press("Tab")
        control = page.evaluate(OUTLINE)
        if control is None:
            break
        if control:
            problems.append(f"focus is not visible: {control}")
    return problems


def copied(context, page):
    """Presses the button that copies the letter, and returns what is wrong with the result."""
    button = page.query_selector(".copy button")
    if button is None:
        return ["no button to copy the letter"] if page.query_selector(".letter") else []
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    button.click()
    page.wait_for_function("document.querySelector('.status').textContent !== ''")
    text = page.evaluate("navigator.clipboard.readText()")
    letter = page.evaluate("document.querySelector('.letter').textContent")
    return [] if text.strip() == letter.strip() else [f"copied {text[:80]!r} instead of the letter"]


def check(browser, page_file, axe, pictures):
    """Opens the page in every way and returns the problems."""
    problems = []

    def visit(label, act, media="screen", script=True, **options):
        # Scripts of the checks are not those that the page's policy allows.
        context = browser.new_context(bypass_csp=script, java_script_enabled=script, **options)
        page = context.new_page()
        found = []
        page.on("console", lambda message: found.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: found.append(f"script: {error}"))
        page.on("request", lambda request: request.url == page_file.as_uri()
                or request.url.startswith("data:") or found.append(f"request to {request.url}"))
        page.goto(page_file.as_uri())
        page.emulate_media(media=media, color_scheme=options.get("color_scheme"))
        found += act(context, page) or []
        if pictures and label:
            page.evaluate("scrollTo(0, 0)")
            page.screenshot(path=pictures / f"{page_file.stem}-{label}.png", full_page=True)
        problems.extend(f"{label or 'page'}: {problem}" for problem in found)
        context.close()

    def on_paper(_, page):
        """A dark theme, a filter and a search have no effect on paper. The browser sends the event."""
        page.evaluate("""() => {
          document.querySelector('#show-pass')?.click();
          const box = document.querySelector('input[type="search"]');
          if (box) { box.value = 'no such file'; box.dispatchEvent(new Event('input')); }
          dispatchEvent(new Event('beforeprint'));
        }""")
        return page.evaluate(HIDDEN) + page.evaluate(TOO_WIDE) + violations(page, axe)

    for width in WIDTHS:
        for scheme in SCHEMES:
            visit(f"{width}-{scheme}",
                  lambda _, page: page.evaluate(TOO_WIDE) + violations(page, axe),
                  viewport={"width": width, "height": 900}, color_scheme=scheme)
    visit("", lambda context, page: page.evaluate(REFERENCES) + hidden_focus(page)
          + copied(context, page))
    visit("print", on_paper, media="print", viewport={"width": 720, "height": 1000},
          color_scheme="dark")
    # The policy of the page applies here: it must allow its own style and script.
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda message: problems.append(f"policy: {message.text}"))
    page.goto(page_file.as_uri())
    if page.query_selector(".file") and not page.query_selector('input[type="search"]'):
        problems.append("policy: the script did not run")
    context.close()
    visit("", lambda _, page: [f"without scripts: no {part}" for part in ["main", "footer"]
          if not page.is_visible(part)], script=False)
    return problems


def main():
    page_file, axe = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).read_text()
    pictures = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"),
                                             args=["--no-sandbox"])
        problems = check(browser, page_file, axe, pictures)
        browser.close()
    print("".join(f"  {problem}\n" for problem in problems), end="")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
