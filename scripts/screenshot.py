"""Renew docs/report.webp, the picture of a report in the README.

Needs a Chromium or Chrome on the path and the reports of `make reports`.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "reports" / "recovery" / "index.html"
PICTURE = ROOT / "docs" / "report.webp"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = {"width": 820, "height": 1040}
PLACES = ("top", "exhibit-contrasts")  # shown side by side
GAP = 20
LIMIT = 200_000  # bytes that the picture may have


def main() -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or not PAGE.is_file():
        sys.exit(f"screenshot: needs a browser ({', '.join(BROWSERS)}) and `make reports`.")
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = running.new_page(viewport=SIZE)
        shots = []
        for place in PLACES:
            page.goto(f"{PAGE.as_uri()}#{place}")
            shots.append(Image.open(io.BytesIO(page.screenshot())))
        running.close()
    width = SIZE["width"] + GAP
    picture = Image.new("RGB", (width * len(shots) - GAP, SIZE["height"]), "#d5dae0")
    for number, shot in enumerate(shots):
        picture.paste(shot, (number * width, 0))
    PICTURE.parent.mkdir(exist_ok=True)
    picture.save(PICTURE, quality=80, method=6)
    size = PICTURE.stat().st_size
    if size > LIMIT:
        sys.exit(f"screenshot: {size:,} bytes are more than the {LIMIT:,} that a README may load.")
    print(f"{PICTURE.relative_to(ROOT)} ({size:,} bytes)")


if __name__ == "__main__":
    main()
