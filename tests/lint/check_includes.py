"""Dependencies run one way (proxy -> config -> policies, and down the levels of proxy), nothing includes itself in a circle, and libraries stay in the layer that owns them.

The levels of proxy are declared by the table in proxy/DESIGN.md, which this check reads. In policies and proxy/admin the files at the root stand around those in the subfolders:
they include them, and a subfolder includes of the root only what FOUNDATIONS lists. Before it looks at the repository, the check shows on made-up files that it can fail.
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


# folder -> the modules at its root that its subfolders may include; they themselves include of the folder only each other
FOUNDATIONS = {
    "policies": {
        "answer", "ascii", "clock", "close_code", "close_codes", "date_text", "explanation", "glob", "identity", "invariant", "reason", "reason_table",
        "refusal", "text", "truth", "utf8", "word_table",
    },
    "proxy/admin": {"admin_endpoint", "admin_reply", "admin_request", "admin_source", "await_answer", "open_guarded", "reload_outcome"},
}
# (a foundation, the one file of a subfolder that it includes all the same)
EXCEPTIONS = {("policies/text", "policies/requests/escapes")}

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


def inner(folder, name):
    """Of a file below the folder: the subfolder that it is in, "" at the folder's root; None elsewhere."""
    rest = stem(name).removeprefix(folder + "/")
    return None if rest == stem(name) else rest.rpartition("/")[0]


def check_foundations(name, included):
    """What stands below the root of a folder does not include what stands around it."""
    for folder, foundations in FOUNDATIONS.items():
        here, there = inner(folder, name), inner(folder, included)
        if here is None or there is None or (stem(name), stem(included)) in EXCEPTIONS:
            continue
        is_foundation = stem(name).removeprefix(folder + "/") in foundations
        if (here or is_foundation) and not there and stem(included).removeprefix(folder + "/") not in foundations:
            yield f"{name}: includes {included}, which is no foundation of {folder} (FOUNDATIONS) and stands around it"
        if is_foundation and there:
            yield f"{name}: a foundation of {folder} must not include {included} of its subfolders"


def check_subfolders(files):
    """Circles between the subfolders of one folder; files: stem -> the stems that it includes."""
    for folder in FOUNDATIONS:
        graph = {}
        for name, targets in files.items():
            if inner(folder, name):
                found = {inner(folder, target) for target in targets} - {None, "", inner(folder, name)}
                graph.setdefault(inner(folder, name), set()).update(found)
        yield f"folders of {folder}", graph


def check(contents, levels):
    """Findings in the sources; contents: path -> text. levels: bottom first, sets of modules."""
    findings, files, modules = [], {}, {}
    level_of = {name: number for number, names in enumerate(levels) for name in names}
    for path, content in contents.items():
        layer = path.split("/")[0]
        known = files.setdefault(stem(path), set())
        in_proxy = layer == "proxy" and not path.endswith("/precompiled.hpp")
        if in_proxy:
            if module(path) not in level_of:
                findings.append(f"{path}: {module(path)} has no level: add it to the table in {DESIGN}")
            modules.setdefault(module(path), set())
        for included in INCLUDE.findall(content):
            target = included.split("/")[0]
            if target in LAYERS and target not in MAY_USE[layer]:
                findings.append(f"{path}: {layer} must not include {included}")
            if target in LAYERS and stem(included) != stem(path):
                known.add(stem(included))
                findings += check_foundations(path, included)
            if in_proxy and target == "proxy" and module(included) != module(path):
                modules[module(path)].add(module(included))
                if level_of.get(module(included), 0) > level_of.get(module(path), len(levels)):
                    findings.append(f"{path}: {module(path)} is below {module(included)} and must not include {included}")
            if included.startswith("."):
                findings.append(f"{path}: include {included} by its path from the root")
        for pattern, allowed, why in CONFINED:
            if re.search(pattern, content) and not re.match(allowed, path):
                findings.append(f"{path}: matches {pattern}: {why}")
        for pattern, where, why in FORBIDDEN:
            if re.search(pattern, content) and re.match(where, path):
                findings.append(f"{path}: matches {pattern}: {why}")
    for what, graph in (("files", files), ("modules of proxy", modules), *check_subfolders(files)):
        findings += [f"{what} include each other in a circle: {' '.join(circle)}" for circle in circles(graph)]
    findings += [f"{DESIGN}: the table of levels names {name}, which is not there" for name in sorted(level_of.keys() - modules.keys())]
    if len(level_of) != sum(map(len, levels)):
        findings.append(f"{DESIGN}: the table of levels names a module twice")
    return findings


def including(*names):
    return "".join(f'#include "{name}"\n' for name in names)


def self_test():
    """The faults that the check is for, each found in files that have it."""
    table = "| level | modules | what |\n| --- | --- | --- |\n| top | `high/` | |\n| base | `low/` `alone` | |\n"
    levels = read_levels(table)
    sound = {
        "proxy/high/a.hpp": including("proxy/low/b.hpp", "policies/decide.hpp"), "proxy/low/b.cpp": including("proxy/alone.hpp"), "proxy/alone.hpp": "",
        "policies/decide.hpp": including("policies/tokens/c.hpp"), "policies/tokens/c.cpp": including("policies/reason.hpp", "policies/jose/d.hpp"),
        "policies/jose/d.hpp": "", "policies/reason.hpp": "",
    }
    broken = {
        "a layer": {"policies/jose/d.hpp": including("config/load.hpp")}, "a level": {"proxy/low/b.cpp": including("proxy/high/a.hpp")},
        "a module without a level": {"proxy/new.hpp": ""}, "a library": {"policies/jose/d.hpp": "#include <boost/beast.hpp>\n"},
        "a circle of files": {"policies/reason.hpp": including("policies/truth.hpp"), "policies/truth.hpp": including("policies/reason.hpp")},
        "a circle of modules": {"proxy/alone.hpp": including("proxy/low/other.hpp")},
        "a circle of subfolders": {"policies/jose/e.hpp": including("policies/tokens/c.hpp")},
        "a subfolder that includes what stands around it": {"policies/jose/d.hpp": including("policies/snapshot.hpp")},
        "a foundation that does": {"policies/reason.hpp": including("policies/outside.hpp")},
        "a foundation that includes a subfolder": {"policies/reason.hpp": including("policies/rules/route.hpp")},
        "an endpoint that includes the listener": {"proxy/admin/endpoints/x.cpp": including("proxy/admin/admin_listener.hpp")},
    }
    failed = [f"the sound files: {finding}" for finding in check(sound, levels)]
    for name, change in broken.items():
        admin = [{"admin"}] if "endpoint" in name else []
        if not check({**sound, **change}, levels + admin):
            failed.append(f"not found: {name}")
    return [f"check_includes.py is broken itself: {each}" for each in failed]


sources = repository.files(".cpp", ".hpp", under=LAYERS)
findings = self_test() + check({str(path): repository.text(path) for path in sources}, read_levels(repository.text(DESIGN)))
findings += [
    f"check_includes.py: {folder}/{name} is a foundation and not there"
    for folder, names in FOUNDATIONS.items() for name in sorted(names) if f"{folder}/{name}" not in {stem(path) for path in sources}
]
repository.finish(findings, sources)
