#!/usr/bin/python3
"""Makes the pages of the documentation site from the documents and examples of the tree.

Documents stay as they are but for their links: to a file that has a page they lead there, to any other file they lead to FILES_URL, or are plain text where
that is empty. What leads to nothing is an error.
"""

import os
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("config", "policies", "proxy", "bench", "deploy")  # and the documents at the top
EXAMPLES = ("config/examples", "deploy/examples", "deploy/browser", "deploy/prometheus")
DOWNLOADS = (".json", ".svg", ".png")
LANGUAGES = {".mjs": "js", ".ts": "ts", ".py": "python", ".sh": "bash", ".yml": "yaml", ".conf": "nginx", "": "text"}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
FENCE = re.compile(r"^\s*(```|~~~)")


class tree:
    """Which files have which page. pages: file -> its page; downloads: files that are copied."""

    def __init__(self, root):
        self.root = root
        self.pages, self.downloads = {}, set()
        for path in sorted(self.files()):
            if path.suffix == ".md":
                self.pages[path] = path.with_name("index.md") if path.name == "README.md" else path
            elif path.suffix in DOWNLOADS:
                self.downloads.add(path)
            elif path.name == "LICENSE" or str(path).startswith(tuple(f"{each}/" for each in EXAMPLES)):
                self.pages[path] = path.with_name(path.name + ".md")

    def files(self):
        for path in self.root.iterdir():
            if path.is_file() and (path.suffix == ".md" or path.name == "LICENSE"):
                yield path.relative_to(self.root)
        for folder in FOLDERS:
            for path in (self.root / folder).rglob("*"):
                hidden = any(part.startswith((".", "__")) or part == "node_modules" for part in path.relative_to(self.root).parts)
                if path.is_file() and not hidden and self.is_text_or_picture(path):
                    yield path.relative_to(self.root)

    @staticmethod
    def is_text_or_picture(path):
        if path.suffix in DOWNLOADS:
            return True
        try:
            return path.stat().st_size < 200_000 and path.read_text(encoding="utf-8") is not None
        except UnicodeDecodeError:
            return False

    def folders(self):
        """Folders of examples: each has a page that lists its files."""
        return sorted({folder for path in self.pages for folder in path.parents if str(folder).startswith(EXAMPLES)})


def outside_fences(text, change):
    """The text with each line that is no code changed."""
    lines, fenced = [], False
    for line in text.splitlines():
        if FENCE.match(line):
            fenced = not fenced
            lines.append(line)
        else:
            lines.append(line if fenced else change(line, lines[-1] if lines else ""))
    return "\n".join(lines) + "\n"


def relative(page, target):
    return os.path.relpath(target, page.parent)


class writer:
    def __init__(self, of, files_url):
        self.of, self.files_url, self.errors = of, files_url, []

    def target(self, source, page, link):
        """Where a link of a document leads from its page; None: nowhere."""
        if re.match(r"[a-z]+:", link) or link.startswith("#"):
            return link
        name, _, fragment = link.partition("#")
        path = pathlib.PurePosixPath(os.path.normpath(source.parent / name))
        fragment = "#" + fragment if fragment else ""
        file = pathlib.Path(path)
        if str(path).startswith(("..", "/")) or not (self.of.root / path).exists():
            self.errors.append(f"{source}: {link} leads to nothing")
            return None
        if file in self.of.pages:
            return relative(page, self.of.pages[file]) + fragment
        if file in self.of.downloads:
            return relative(page, file)
        if file in self.of.folders():
            return relative(page, file / "index.md") + fragment
        return self.files_url + str(path) if self.files_url else None

    def document(self, source, page):
        def link(found):
            target = self.target(source, page, found[3])
            return f"{found[1]}[{found[2]}]({target})" if target else found[2]

        def line(text, before):
            # A list behind a paragraph is part of it here, unless a line is empty.
            begins = re.match(r"[*-] |\d+\. |\|", text) and before.strip() and not re.match(r"\s*([*-] |\d+\. |\|)| ", before)
            parts = re.split(r"(`+[^`]*`+)", text)
            # A link's text may be code, so that whole lines are looked at where no code holds a link.
            whole = not any(LINK.search(part) for part in parts[1::2])
            changed = LINK.sub(link, text) if whole else "".join(part if at % 2 else LINK.sub(link, part) for at, part in enumerate(parts))
            return ("\n" if begins else "") + changed

        return outside_fences((self.of.root / source).read_text(encoding="utf-8"), line)

    @staticmethod
    def example(root, source):
        """A file as a page."""
        text = (root / source).read_text(encoding="utf-8")
        fence = "`" * max(3, max(map(len, re.findall(r"`+", text)), default=0) + 1)
        language = LANGUAGES.get(source.suffix, source.suffix.lstrip("."))
        return f"# {source.name}\n\n`{source}`\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"

    def listing(self, folder):
        """The files and folders of a folder, each with its first comment."""
        lines = []
        for each in self.of.folders():
            if each.parent == folder:
                lines.append(f"* [{each.name}/]({each.name}/index.md)")
        for source, page in self.of.pages.items():
            if source.parent == folder and source.suffix != ".md":
                comment = re.search(r"^(?:#(?!!)|//|\"\"\") ?(.*\w.*)$", (self.of.root / source).read_text(encoding="utf-8"), re.MULTILINE)
                about = comment[1].replace('"""', "").strip() if comment and comment.start() < 200 else ""
                about = re.sub(r"([<>*_|])", r"\\\1", about)
                lines.append(f"* [{source.name}]({page.name})" + (f": {about}" if about else ""))
        lines += [f"* [{path.name}]({path.name})" for path in sorted(self.of.downloads) if path.parent == folder]
        return "\n".join(lines) + "\n"


def assemble(root, output, files_url):
    of = tree(root)
    out = writer(of, files_url)
    written = {}
    for source, page in of.pages.items():
        written[page] = out.document(source, page) if source.suffix == ".md" else out.example(root, source)
    for folder in of.folders():
        listing = out.listing(folder)
        before = written.get(folder / "index.md")
        written[folder / "index.md"] = f"{before}\n## Files\n\n{listing}" if before else f"# {folder}\n\n{listing}"
    for page, text in written.items():
        (output / page).parent.mkdir(parents=True, exist_ok=True)
        (output / page).write_text(text, encoding="utf-8")
    for path in of.downloads:
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, output / path)
    return out.errors


if __name__ == "__main__":
    found = assemble(ROOT, pathlib.Path(sys.argv[1]), os.environ.get("FILES_URL", ""))
    for each in found:
        print(f"site: {each}", file=sys.stderr)
    sys.exit(1 if found else 0)
