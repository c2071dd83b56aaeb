"""Flask with its defaults: routes that differ in case are others; a route that ends with `/` takes its path without one by a redirect."""

import flask
from leftovers import with_leftovers

app = flask.Flask(__name__)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def report(handler):
    request = flask.request
    return {"handler": handler, "method": request.method, "seen": {name: value for name, value in request.environ.items() if name.startswith("HTTP_")}}


@app.route("/admin/users", methods=METHODS, strict_slashes=False)
def admin():
    return report("admin")


@app.route("/secret", methods=METHODS, strict_slashes=False)
def secret():
    return report("secret")


@app.route("/items/<name>", methods=["DELETE"])
def delete(name):
    return report("delete")


@app.route("/", defaults={"path": ""}, methods=METHODS)
@app.route("/<path:path>", methods=METHODS)
def everything(path):
    return report("everything")


application = with_leftovers(app)
