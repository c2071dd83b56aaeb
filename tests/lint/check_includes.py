"""Dependencies run one way (proxy -> config -> policies, and down the levels of proxy), nothing includes itself in a circle, and libraries stay in the layer that owns them.

The levels of proxy are declared by the table in proxy/DESIGN.md, which this check reads.
"""

import re

import repository

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
LAYERS = ("policies", "config", "proxy")
MAY_USE = {"policies": {"policies"}, "config": {"policies", "config"}, "proxy": {"policies", "config", "proxy"}}

DESIGN = "proxy/DESIGN.md"


def read_levels(text):
    """The levels of proxy from the table in its DESIGN.md, bottom first: sets of modules, which are folders and files that stand alone."""
    rows = re.search(r"^\| level \| modules \|.*\n\|[ |-]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    levels = [{name.rstrip("/") for name in re.findall(r"`([a-z_]+/?)`", row.split("|")[2])} for row in rows[1].splitlines()] if rows else []
    return levels[::-1]


LEVELS = read_levels(repository.text(DESIGN))
LEVEL_OF = {module: number for number, modules in enumerate(LEVELS) for module in modules}

# (what is included or named, the files that may, why)
CONFINED = [
    (r"#\s*include\s+<boost/(asio|beast)", r"proxy/", "input and output belong to proxy"),
    (r"#\s*include\s+<yaml-cpp/", r"config/", "YAML belongs to config"),
    (r"#\s*include\s+<(spdlog|fmt)/", r"proxy/", "logging belongs to proxy"),
    (r"#\s*include\s+<CLI/", r"proxy/(commands/|main\.cpp)", "the command line belongs to proxy/commands"),
    (r"#\s*include\s+<openssl/evp\.h>", r"policies/jose/", "signatures are checked in policies/jose only"),
    (r"boost::asio::detail|\basio::detail::", r"proxy/event/readiness", "Asio's private interface stays behind proxy/event/readiness"),
    (r"#\s*include\s+<boost/asio/detail/", r"proxy/event/readiness", "Asio's private interface stays behind proxy/event/readiness"),
    (r"(system|steady)_clock::now\(", r"(proxy|config)/", "policies has no clock: time is an argument"),
]
# (what is named, where it must not be, why)
FORBIDDEN = [
    (r"(?<!CRYPTO_)\b(mem|strn?|b)cmp\s*\(", r"policies/jose/", "what is secret is compared in constant time, by CRYPTO_memcmp"),
]


def stem(path):
    """A source and its header are one."""
    return re.sub(r"\.[ch]pp$", "", str(path))


def module(path):
    """Of a file of proxy: its folder, or itself where it stands alone."""
    return stem(path).split("/")[1]


def circles(graph):
    """Groups of nodes that reach each other (Tarjan's strongly connected components), without a stack of calls."""
    index, low, waiting, found = {}, {}, [], []
    for start in graph:
        if start in index:
            continue
        path = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        waiting.append(start)
        while path:
            node, following = path[-1]
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    waiting.append(other)
                    path.append((other, iter(sorted(graph.get(other, ())))))
                    break
                if other in waiting:
                    low[node] = min(low[node], index[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    group = waiting[waiting.index(node) :]
                    del waiting[waiting.index(node) :]
                    if len(group) > 1:
                        found.append(sorted(group))
    return found


findings = []
files, modules = {}, {}
sources = repository.files(".cpp", ".hpp", under=LAYERS)
for path in sources:
    content = repository.text(path)
    layer = path.parts[0]
    known = files.setdefault(stem(path), set())
    if layer == "proxy" and path.name != "precompiled.hpp":
        if module(path) not in LEVEL_OF:
            findings.append(f"{path}: {module(path)} has no level: add it to the table in {DESIGN}")
        modules.setdefault(module(path), set())
    for included in INCLUDE.findall(content):
        target = included.split("/")[0]
        if target in LAYERS and target not in MAY_USE[layer]:
            findings.append(f"{path}: {layer} must not include {included}")
        if target in LAYERS and stem(included) != stem(path):
            known.add(stem(included))
        if layer == target == "proxy" and module(included) != module(path) and path.name != "precompiled.hpp":
            modules[module(path)].add(module(included))
            if LEVEL_OF.get(module(included), 0) > LEVEL_OF.get(module(path), len(LEVELS)):
                findings.append(f"{path}: {module(path)} is below {module(included)} and must not include {included}")
        if included.startswith("."):
            findings.append(f"{path}: include {included} by its path from the root")
    for pattern, allowed, why in CONFINED:
        if re.search(pattern, content) and not re.match(allowed, str(path)):
            findings.append(f"{path}: matches {pattern}: {why}")
    for pattern, where, why in FORBIDDEN:
        if re.search(pattern, content) and re.match(where, str(path)):
            findings.append(f"{path}: matches {pattern}: {why}")
for what, graph in (("files", files), ("modules of proxy", modules)):
    for circle in circles(graph):
        findings.append(f"{what} include each other in a circle: {' '.join(circle)}")
findings += [f"{DESIGN}: the table of levels names {name}, which is not there" for name in sorted(LEVEL_OF.keys() - modules.keys())]
if len(LEVEL_OF) != sum(map(len, LEVELS)):
    findings.append(f"{DESIGN}: the table of levels names a module twice")
repository.finish(findings, sources)
