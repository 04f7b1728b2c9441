#!/usr/bin/env python3
"""Writes a reference text beside each file of a folder, for `benchmarks/SearchEngine.Workloads ... fidelity DIR`.

    python3 benchmarks/fidelity_references.py DIR

The text of NAME.EXT goes to NAME.EXT.ref.txt (UTF-8): what a second, simple extractor sees, which knows nothing of the readers.
Only Python's standard library and, for PDF, poppler's pdftotext are used.

.html  Python's html.parser: all text but scripts and styles, and alternative texts.
.md    the source without markup: values of the front matter, text without HTML tags, comments and targets of links.
.docx  every run of text of the body, notes, comments, headers and footers, a line for each paragraph; not what was deleted under revision.
.pdf   pdftotext, in its reading order; the order of the file's content and the layout by rows beside it, as NAME.pdf.ref.raw.txt
       and NAME.pdf.ref.layout.txt. Codes of TeX's fonts without names of glyphs, which pdftotext passes on, are written as what they
       are, accents beside letters as letters with accents (NFC).
"""

import html
import html.parser
import pathlib
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = []
        self.hidden = 0

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in ("script", "style")
        for name, value in attributes:
            if name == "alt" and value:
                self.text.append(" " + value + " ")
        if tag in ("p", "br", "div", "li", "tr", "td", "th", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "option", "title"):
            self.text.append("\n")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style") and self.hidden > 0
        if tag in ("p", "div", "li", "tr", "td", "th", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "option", "title"):
            self.text.append("\n")

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)


def of_html(path):
    page = Page()
    page.feed(path.read_text(encoding="utf-8", errors="replace"))
    page.close()
    return "".join(page.text)


def of_markdown(path):
    text = path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n")
    front = re.match(r"---\n(.*?)\n(?:---|\.\.\.)\n", text, re.S)
    values = ""
    if front:
        values = re.sub(r"^[\w.-]+:", "", front.group(1), flags=re.M)
        text = text[front.end() :]
    code = []

    def keep(match):
        code.append(match.group(0))
        return f"\x00{len(code) - 1}\x00"

    # Code is text as it stands: a fence with its first line, and what stands between backticks.
    text = re.sub(r"^([ \t]*)(```+|~~~+).*?^[ \t]*\2[`~]*[ \t]*$", keep, text, flags=re.M | re.S)
    text = re.sub(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", keep, text, flags=re.S)
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
    text = re.sub(r"^[ ]{0,3}\[[^\]]+\]:[ \t]*\S+.*$", " ", text, flags=re.M)
    text = re.sub(r"\]\(\s*<[^>]*>[^)]*\)", "] ", text)
    text = re.sub(r"\]\((?:[^()\s]|\([^()]*\))*((?:\s+[\"'][^\"']*[\"'])?)\s*\)", r"] \1 ", text)
    text = re.sub(r"\]\[[^\]]*\]", "] ", text)
    text = re.sub(r"<img\b[^>]*?\balt=[\"']([^\"']*)[\"'][^>]*>", r" \1 ", text)
    text = re.sub(r"</?[A-Za-z][\w-]*(?:\s+[\w:-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*\s*/?>", "", text)
    text = re.sub(r"\x00(\d+)\x00", lambda match: re.sub(r"^[ \t]*(```+|~~~+)[ \t]*[\w+#.-]*", "", code[int(match.group(1))]), text)
    return values + "\n" + html.unescape(text)


def of_docx(path):
    lines = []
    with zipfile.ZipFile(path) as package:
        parts = [n for n in package.namelist() if re.match(r"word/(document\d*|footnotes|endnotes|comments|header\d*|footer\d*)\.xml$", n)]
        for name in sorted(parts):
            walk(ElementTree.fromstring(package.read(name)), lines)
    return "".join(lines)


def walk(element, lines):
    if element.tag in (COMPATIBILITY + "Fallback", WORD + "del", WORD + "moveFrom", WORD + "instrText"):
        return
    if element.tag.endswith("}t") and element.text:
        lines.append(element.text)
    elif element.tag in (WORD + "tab", WORD + "br", WORD + "cr"):
        lines.append(" ")
    elif element.tag == WORD + "noBreakHyphen":
        lines.append("-")
    for child in element:
        walk(child, lines)
    if element.tag in (WORD + "p", WORD + "tc"):
        lines.append("\n")


# The ligatures, quotation marks and dashes of TeX's T1 ("Cork") and OT1 encodings, below the space.
TEX_CODES = {
    0x0B: "ff",
    0x0E: "ffi",
    0x0F: "ffl",
    0x10: "\u201c",
    0x11: "\u201d",
    0x12: "\u201e",
    0x15: "\u2013",
    0x16: "\u2014",
    0x1B: "ff",
    0x1C: "fi",
    0x1D: "fl",
    0x1E: "ffi",
    0x1F: "ffl",
}


def of_pdf(path, *order):
    command = ["pdftotext", *order, "-enc", "UTF-8", str(path), "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")
    return unicodedata.normalize("NFC", text.translate(TEX_CODES))


def main():
    extractors = {".html": of_html, ".htm": of_html, ".md": of_markdown, ".docx": of_docx, ".pdf": of_pdf}
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
        if path.suffix.lower() in extractors and path.is_file():
            try:
                text = extractors[path.suffix.lower()](path)
            except Exception as error:  # A file that the second extractor cannot read has no reference.
                print(f"{path}: {error}", file=sys.stderr)
                continue
            path.with_name(path.name + ".ref.txt").write_text(text, encoding="utf-8")
            if path.suffix.lower() == ".pdf":
                for order in ("raw", "layout"):
                    path.with_name(f"{path.name}.ref.{order}.txt").write_text(of_pdf(path, f"-{order}"), encoding="utf-8")


if __name__ == "__main__":
    main()
