"""Dependencies run one way (proxy -> config -> policies), and libraries stay in the layer that owns them."""

import re

import repository

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
LAYERS = ("policies", "config", "proxy")
MAY_USE = {"policies": {"policies"}, "config": {"policies", "config"}, "proxy": {"policies", "config", "proxy"}}

# (what is included or named, the files that may, why)
CONFINED = [
    (r"#\s*include\s+<boost/(asio|beast)", r"proxy/", "input and output belong to proxy"),
    (r"#\s*include\s+<yaml-cpp/", r"config/", "YAML belongs to config"),
    (r"#\s*include\s+<(spdlog|fmt)/", r"proxy/", "logging belongs to proxy"),
    (r"#\s*include\s+<CLI/", r"proxy/(commands/|main\.cpp)", "the command line belongs to proxy/commands"),
    (r"#\s*include\s+<openssl/evp\.h>", r"policies/jose/", "signatures are checked in policies/jose only"),
    (r"boost::asio::detail|\basio::detail::", r"proxy/readiness", "Asio's private interface stays behind proxy/readiness"),
    (r"#\s*include\s+<boost/asio/detail/", r"proxy/readiness", "Asio's private interface stays behind proxy/readiness"),
    (r"(system|steady)_clock::now\(", r"(proxy|config)/", "policies has no clock: time is an argument"),
]
# (what is named, where it must not be, why)
FORBIDDEN = [
    (r"(?<!CRYPTO_)\b(mem|strn?|b)cmp\s*\(", r"policies/jose/", "what is secret is compared in constant time, by CRYPTO_memcmp"),
]

findings = []
sources = repository.files(".cpp", ".hpp", under=LAYERS)
for path in sources:
    content = repository.text(path)
    layer = path.parts[0]
    for included in INCLUDE.findall(content):
        target = included.split("/")[0]
        if target in LAYERS and target not in MAY_USE[layer]:
            findings.append(f"{path}: {layer} must not include {included}")
        if included.startswith("."):
            findings.append(f"{path}: include {included} by its path from the root")
    for pattern, allowed, why in CONFINED:
        if re.search(pattern, content) and not re.match(allowed, str(path)):
            findings.append(f"{path}: matches {pattern}: {why}")
    for pattern, where, why in FORBIDDEN:
        if re.search(pattern, content) and re.match(where, str(path)):
            findings.append(f"{path}: matches {pattern}: {why}")
repository.finish(findings, sources)
