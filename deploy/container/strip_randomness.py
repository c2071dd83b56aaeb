#!/usr/bin/env python3
"""Takes out of an image what buildah and podman make up anew in each build: the build container's ID and host name, and the IDs of layers in between.

usage: strip_randomness.py FOLDER        an image as `buildah push IMAGE dir:FOLDER` writes it; changed in place
"""

import hashlib
import json
import pathlib
import sys


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    folder = pathlib.Path(sys.argv[1])
    manifest = json.loads((folder / "manifest.json").read_text())
    old = folder / manifest["config"]["digest"].removeprefix("sha256:")
    image = json.loads(old.read_text())
    for key in ("container", "container_config", "parent"):
        image.pop(key, None)
    image["config"]["Hostname"] = ""
    for step in image["history"]:
        step.pop("comment", None)
    content = json.dumps(image, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(content).hexdigest()
    old.unlink()
    (folder / digest).write_bytes(content)
    manifest["config"] |= {"digest": f"sha256:{digest}", "size": len(content)}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=3, sort_keys=True))


main()
