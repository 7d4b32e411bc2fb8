"""Survey text is hostile: a page made of it, in a real browser, does nothing and hides nothing."""

import pandas as pd
import pytest

from crmresearch.report.entries import COMPARISON, Entry, Line, Ruling
from crmresearch.report.exhibits import show, show_caveats, show_data, show_findings
from crmresearch.report.findings import Caveat, conclude
from crmresearch.report.page import write_report
from crmresearch.report.site import render, write_site

from .examples import claim, estimate
from .notebooks import code, notebook, prose

ALIVE = "window.alive=(window.alive||0)+1"
PAYLOADS = [
    f"<script>{ALIVE}</script>",
    f"<img src=x onerror='{ALIVE}'>",
    f'"><svg onload="{ALIVE}">',
    f"</style></title></textarea></code></pre><script>{ALIVE}</script>",
    f'<iframe srcdoc="<script>parent.{ALIVE}</script>"></iframe>',
    '<img src="https://outside.invalid/p.png"><link rel=stylesheet href=//outside.invalid/a.css>',
    '<meta http-equiv="refresh" content="0;url=https://outside.invalid/">',
    '<base href="https://outside.invalid/"><form action="/x"><button>go</button></form>',
    f"[click](javascript:{ALIVE}) ![i](https://outside.invalid/q.png)",
    "<style>*{display:none}</style><div style='position:fixed;inset:0;background:red'>over</div>",
    "{{ 7 * 7 }} {% for x in [1] %}x{% endfor %} ${7*7}",
    '=HYPERLINK("https://outside.invalid")',
    "\u202egpj.exe \x00\x07\x1b[31m \ufffe",
    "x" * 3_000,
    "word " * 20_000,
    "مرحبا بالعالم 你好 ɐ̴̢̛ 👩‍👩‍👧",
]
SHORT = [text for text in PAYLOADS if len(text) < 1_000]


def draw(data, figure):
    figure.subplots().set_title("figure")
    return f"Seen: {data[0].group}"


def hostile_notebook(payloads):
    cells = [prose(f"# Title {PAYLOADS[0]} {PAYLOADS[1]}\n\n**Question.** {PAYLOADS[2]} why?")]
    everything = " ".join(PAYLOADS[:12])
    assigned = "\n".join(f"p{i} = {text!r}" for i, text in enumerate(payloads))
    cells.append(code(assigned, tags=["parameters"]))
    sheet = {
        "title": PAYLOADS[3], "period": PAYLOADS[1], "n": 2406, "unit": PAYLOADS[0],
        "design": "cross-section", "min_cell": 10, "facts": {x: x for x in payloads},
        "flow": dict.fromkeys(payloads, 12), "changes": payloads,
    }  # fmt: skip
    cells.append(code("show_data()", show_data(sheet)))
    for number, text in enumerate(payloads):
        part = estimate(f"k{number}", name=text, group=f"brand: {text}", method=text)
        cells.append(prose(f"## {text[:500]}\n\n{text}\n\n- {text}\n\n| {text} |\n|---|\n| x |"))
        shown = show(f"k{number}-{text[:9]}", [part], title=text, draw=draw, note=text)
        frame = pd.DataFrame({text: [text], "n": [12]})
        foreign = {"text/html": f"<table><tr><th>{text}</th><td>{text}</td></tr></table>"}
        cells.append(code(text, shown, text, foreign, {"text/markdown": text}))
        if number % 4 == 0:
            cells.append(code("f", show(f"f{number}", frame, title=text)))
    deciding = estimate("decides", name=everything)
    found = conclude(
        [
            claim(id=f"c{i}{text[:9]}", decided_by="decides", statement=text, evidence=text,
                  references=(text,), says=text.replace("{", "{{").replace("}", "}}"))
            for i, text in enumerate(payloads)
        ],
        [deciding],
    )  # fmt: skip
    cells.append(code("c", show_caveats([Caveat(key=text, text=text) for text in payloads])))
    cells.append(code("f", show_findings(found)))
    return notebook(*cells)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A site of hostile reports: one of everything, and one without the endless texts."""
    folder = tmp_path_factory.mktemp("reports")
    for key, payloads in {"hostile": PAYLOADS, "brief": SHORT}.items():
        (folder / key).mkdir()
        write_report(
            hostile_notebook(payloads),
            folder / key,
            study="survey",
            key=key,
            provenance={text: text for text in payloads},
        )
    write_site(folder, ["hostile"])
    (folder / "many.html").write_text(render(hostile_entries()), "utf-8")
    return folder


def hostile_entries():
    """More reports than fit on cards, everything that a summary says being hostile."""
    return [
        Entry(
            key=f"{study}-{number}-{wave}",
            kind=COMPARISON if number == wave == 0 else "",
            study=study,
            title=PAYLOADS[2],
            dataset=PAYLOADS[3],
            part={PAYLOADS[1]: text, PAYLOADS[0]: f"{wave} {PAYLOADS[5]}"},
            period=PAYLOADS[6],
            n=12,
            brief=(Line(sentence=text, verdict="", statement=""),),
            findings=tuple(
                Ruling(claim=payload, statement=payload, verdict="supported", anchor=payload)
                for payload in SHORT[:6]
            ),
        )
        for study, waves in (("survey", 4), (PAYLOADS[2], 1))
        for number, text in enumerate(PAYLOADS)
        for wave in range(waves)
    ]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("page_name", ["hostile/index.html", "index.html", "many.html"])
def test_a_hostile_report_is_inert_in_a_browser(browser, reports, page_name, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    requests, console, dialogs = [], [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    address = (reports / page_name).as_uri()
    page.goto(address)
    page.wait_for_timeout(300)
    assert page.url == address
    assert [url for url in requests if not url.startswith("data:")] == [address]
    assert (console, dialogs) == ([], [])
    assert page.evaluate("window.alive") is None
    own = 1 if page_name == "many.html" else 0
    assert page.locator("script").count() == own
    forbidden = "body script, iframe, form:not(.search), object, embed, base, svg"
    forbidden += ", [style], [onerror], [onload]"
    assert page.locator(forbidden).count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "49" not in page.locator("h1").inner_text()
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
@pytest.mark.parametrize("page_name", ["brief/index.html", "index.html", "many.html"])
def test_everybody_can_read_it(browser, reports, page_name, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        bypass_csp=True,  # for the checker, which is a script
    )
    page = context.new_page()
    page.goto((reports / page_name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    found = axe.run(page).response["violations"]
    serious = [
        (item["id"], item["nodes"][0]["html"][:200], len(item["nodes"]))
        for item in found
        if item["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    context.close()


def test_the_downloads_of_a_hostile_report_hold_no_formula(reports):
    import csv

    for path in (reports / "hostile").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [
                    cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\n", "-x", "-<"))
                ]
