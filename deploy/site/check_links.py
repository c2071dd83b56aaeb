#!/usr/bin/python3
"""Checks a site of files: each link within it leads to a file and a place in it, and no page loads anything from elsewhere."""

import html.parser
import pathlib
import sys
import urllib.parse

LOADS = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data")}


class page(html.parser.HTMLParser):
    """places: what a fragment may name. links: (tag, attribute, value)."""

    def __init__(self, text):
        super().__init__()
        self.places, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        for name in ("href", "src", "data"):
            if given.get(name) is not None and not (tag == "link" and given.get("rel") == "canonical"):
                self.links.append((tag, name, given[name]))


def check(site):
    """What is wrong, as a list; and how many links were looked at."""
    pages = {path: page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    findings, count = [], 0
    for path, each in pages.items():
        for tag, name, value in each.links:
            link = urllib.parse.urlsplit(value)
            count += 1
            if link.scheme or link.netloc:
                if (tag, name) in LOADS and link.scheme != "data":
                    findings.append(f"{path.relative_to(site)}: {tag} loads {value} from elsewhere")
                continue
            inside = urllib.parse.unquote(link.path)
            target = path if not inside else (site / inside.lstrip("/") if inside.startswith("/") else path.parent / inside).resolve()
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                findings.append(f"{path.relative_to(site)}: {value}: no such file")
            elif link.fragment and target in pages and urllib.parse.unquote(link.fragment) not in pages[target].places:
                findings.append(f"{path.relative_to(site)}: {value}: no such place")
    return findings, count


if __name__ == "__main__":
    found, links = check(pathlib.Path(sys.argv[1]).resolve())
    for finding in found:
        print(f"site: {finding}", file=sys.stderr)
    if not links:
        print("site: there are no links", file=sys.stderr)
    sys.exit(1 if found or not links else 0)
