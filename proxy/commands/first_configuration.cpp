#include "proxy/commands/first_configuration.hpp"

#include "config/suggestion.hpp"
#include "config/url.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace bearward::proxy::commands {
namespace {

constexpr std::string_view placeholder = "https://YOUR-ISSUER.example.com/";

// The routers are those of README.md, "Routers by framework".
constexpr std::array<app_kind, 6> kinds{{
    {.word = "fastapi",
     .title = "a FastAPI app",
     .app_port = "8000",
     .port = "8080",
     .start = "uvicorn main:app --host 127.0.0.1 --port 8000",
     .reads = R"(request.headers["X-User-Id"])",
     .matching = "{case: sensitive, trailing_slash: distinct}",
     .why = "FastAPI's router takes neither /Admin nor /admin/ for /admin: it redirects or answers 404.",
     .health = "/healthz",
     .sockets = "/ws",
     .more =
         R"(  # The API's description. Browsers send no token there: for a public one write `auth: none, allow_warnings: [looser-route]` on these three.
  - {prefix: /docs, name: docs, methods: [GET], websocket: off}
  - {exact: /redoc, name: redoc, methods: [GET], websocket: off}
  - {exact: /openapi.json, name: description, methods: [GET], websocket: off}
)",
     .tests = "  - {name: the description is not public, request: {path: /openapi.json}, expect: {status: 401, route: description}}\n",
     .spelling = "/x/../%61dmin/users"},
    {.word = "django",
     .title = "a Django app",
     .app_port = "8000",
     .port = "8080",
     .start = "gunicorn --bind 127.0.0.1:8000 project.wsgi",
     .reads = R"(request.headers["X-User-Id"])",
     .matching = "{case: sensitive, trailing_slash: distinct}",
     .why = "Django's router takes neither /Admin nor /admin for /admin/: it redirects (APPEND_SLASH) or answers 404.",
     .health = "/healthz",
     .sockets = "/ws",
     .more = "",
     .tests = "",
     .spelling = "/x/../%61dmin/users"},
    {.word = "express",
     .title = "an Express app",
     .app_port = "3000",
     .port = "8080",
     .start = R"(app.listen(3000, "127.0.0.1"))",
     .reads = R"(req.get("X-User-Id"))",
     .matching = "{case: insensitive, trailing_slash: ignored}",
     .why = R"(Express takes /Admin/ for /admin, unless "case sensitive routing" and "strict routing" are on.)",
     .health = "/healthz",
     .sockets = "/ws",
     .more = "",
     .tests = "",
     .spelling = "/ADMIN/users/"},
    {.word = "spring",
     .title = "a Spring app",
     .app_port = "8080",
     .port = "8000",
     .start = "server.address=127.0.0.1 in application.properties",
     .reads = R"(@RequestHeader("X-User-Id"))",
     .matching = "{case: sensitive, trailing_slash: guarded}",
     .why = "Spring before 6 (Boot 3) takes /admin/ for /admin, later ones don't: guarded holds for both.",
     .health = "/actuator/health",
     .sockets = "/ws",
     .more = "  - {prefix: /actuator, name: actuator, require: {roles: [admin]}, websocket: off} # the other endpoints show and change the "
             "app's inside\n",
     .tests = "  - {name: the app's inside is for administrators, request: {path: /actuator/env}, identity: {user: u-1}, expect: {status: "
              "403, reason: role_missing}}\n",
     .spelling = "/x/../%61dmin/users"},
    {.word = "asp.net",
     .title = "an ASP.NET Core app",
     .app_port = "5000",
     .port = "8080",
     .start = "ASPNETCORE_URLS=http://127.0.0.1:5000",
     .reads = R"(Request.Headers["X-User-Id"])",
     .matching = "{case: insensitive, trailing_slash: ignored}",
     .why = "ASP.NET Core takes /Admin/ for /admin.",
     .health = "/healthz",
     .sockets = "/hubs",
     .more = "",
     .tests = "",
     .spelling = "/ADMIN/users/"},
    {.word = "other",
     .title = "an app",
     .app_port = "8000",
     .port = "8080",
     .start = "listening on 127.0.0.1:8000",
     .reads = "the request header X-User-Id",
     .matching = "{case: guarded, trailing_slash: guarded}",
     .why = "Nothing is known of the app's router: a rule for /admin holds for /Admin/ too.",
     .health = "/healthz",
     .sockets = "/ws",
     .more = "",
     .tests = "",
     .spelling = "/ADMIN/users/"},
}};

/// SignalR sends the token of a socket in the query, and that is its only way.
std::string_view socket_places(const app_kind& app) {
    return app.word == "asp.net" ? "[header, query]" : "[header, subprotocol]";
}
std::string_view socket_hint(const app_kind& app) {
    return app.word == "asp.net" ? "SignalR puts the token of a socket into the query, as access_token."
                                 : R"(In a browser: new WebSocket(url, ["bearer", token]).)";
}

void append(std::string& out, std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) {
        out += part;
    }
}

// NOLINTBEGIN(bugprone-suspicious-missing-comma): texts of several lines

void append_head(std::string& out, const app_kind& app, bool has_issuer) {
    append(out, {"# Bearward in front of ", app.title, ": everything needs a token, but for what is public below.\n", "# Fill in ",
                 has_issuer ? "" : "YOUR-ISSUER and ", "YOUR-API, then: bearward check --strict FILE, and bearward run -c FILE\n",
                 "# What becomes of a request, and why: bearward explain FILE --path /admin\n",
                 "version: 1\n"
                 "listen:\n"
                 "  - {address: \"0.0.0.0:",
                 app.port,
                 "\", name: public}\n"
                 "upstreams:\n"
                 "  # The app believes what Bearward tells it, so it may be reached only from here: ",
                 app.start,
                 "\n"
                 "  app: {servers: [\"127.0.0.1:",
                 app.app_port, "\"]}\n\n"});
}

void append_provider(std::string& out, std::string_view issuer, bool given) {
    const std::string_view base = issuer.substr(0, issuer.size() - (issuer.ends_with('/') ? 1 : 0));
    append(out, {"providers:\n"
                 "  main:\n",
                 given ? "" : "    # Until YOUR-ISSUER is filled in there are no keys, and whoever has a token is answered 503.\n",
                 "    issuer: \"", issuer,
                 "\" # byte for byte as `iss` in its tokens, a slash at the end too\n"
                 "    audiences: [YOUR-API] # what `aud` says in the tokens that are meant for this API; others are refused\n"
                 "    algorithms: [RS256, ES256]\n"
                 "    keys: {discovery_url: \"",
                 base,
                 "/.well-known/openid-configuration\"}\n"
                 "    # Where user, tenant, roles and scopes stand in a token; these are the defaults. For those of other issuers see "
                 "README.md, \"Claims\".\n"
                 "    claims: {user: sub, tenant: tid, roles: roles, scopes: [scope, scp]}\n\n"});
}

void append_routes(std::string& out, const app_kind& app) {
    append(out, {"# ", app.why,
                 "\n"
                 "paths: ",
                 app.matching,
                 "\n\n"
                 "defaults: {upstream: app, providers: [main]}\n"
                 "routes: # the most specific one counts, in whatever order they stand\n"
                 "  # The app learns who asks: X-User-Id, X-Tenant-Id, X-User-Roles, X-User-Scopes (",
                 app.reads,
                 "). Clients can't send them.\n"
                 "  - {prefix: /, name: everything_else}\n"
                 "  - {exact: ",
                 app.health,
                 ", name: health, methods: [GET], auth: none, websocket: off, allow_warnings: [looser-route]} # public, and meant so\n"
                 "  - {prefix: /admin, name: admin, require: {roles: [admin]}}\n"
                 "  - {prefix: \"/tenants/{tenant_id}\", name: tenant, require: {tenant: \"{tenant_id}\"}}\n"
                 "  # ",
                 socket_hint(app),
                 "\n"
                 "  - {prefix: ",
                 app.sockets, ", name: sockets, websocket: {token_from: ", socket_places(app), "}}\n", app.more, "\n"});
}

void append_tests(std::string& out, const app_kind& app) {
    append(out, {"# `bearward check` and `bearward test` run these.\n"
                 "tests:\n"
                 "  - {name: what is not listed needs a token, request: {path: /}, expect: {status: 401, reason: token_missing}}\n"
                 "  - {name: with one it is forwarded, request: {path: /}, identity: {user: u-1, tenant: t-1, roles: [reader]}, expect: "
                 "{status: 200, headers: {X-User-Id: u-1, X-User-Roles: reader}}}\n"
                 "  - {name: health is public, request: {path: ",
                 app.health,
                 "}, expect: {status: 200, reason: public}}\n"
                 "  - {name: and can only be read, request: {method: POST, path: ",
                 app.health,
                 "}, expect: {status: 405}}\n"
                 "  - {name: users don't administrate, request: {path: /admin/users}, identity: {user: u-1, roles: [reader]}, expect: "
                 "{status: 403, reason: role_missing}}\n"
                 "  - {name: nor by another spelling, request: {path: \"",
                 app.spelling,
                 "\"}, identity: {user: u-1, roles: [reader]}, expect: {status: 403, reason: role_missing}}\n"
                 "  - {name: administrators do, request: {path: /admin/users}, identity: {user: root, roles: [admin]}, expect: {status: "
                 "200, route: admin}}\n"
                 "  - {name: a tenant's members, request: {path: /tenants/t-1/widgets}, identity: {user: u-1, tenant: t-1}, expect: "
                 "{status: 200, headers: {X-Tenant-Id: t-1}}}\n"
                 "  - {name: and no other's, request: {path: /tenants/t-2/widgets}, identity: {user: u-1, tenant: t-1}, expect: {status: "
                 "403, reason: tenant_mismatch}}\n"
                 "  - {name: a socket without a token is closed, request: {path: ",
                 app.sockets,
                 ", websocket: true}, expect: {reason: token_missing, close: 1008}}\n"
                 "  - {name: with one it opens, request: {path: ",
                 app.sockets, ", websocket: true}, identity: {user: u-1}, expect: {status: 200, route: sockets}}\n", app.tests});
}

// NOLINTEND(bugprone-suspicious-missing-comma)

} // namespace

const std::string& app_words() {
    static const std::string words = [] {
        std::vector<std::string> all;
        all.reserve(std::size(kinds));
        for (const app_kind& each : kinds) {
            all.emplace_back(each.word);
        }
        return config::join(all);
    }();
    return words;
}

std::expected<const app_kind*, std::string> find_app(std::string_view word) {
    std::vector<std::string> words;
    for (const app_kind& each : kinds) {
        if (each.word == word) {
            return &each;
        }
        words.emplace_back(each.word);
    }
    return std::unexpected("not a known kind of app; accepted: " + app_words() + config::suggest(word, words));
}

std::expected<std::string, std::string> parse_issuer(std::string_view written) {
    if (written.find_first_of("{}") != std::string_view::npos) {
        return std::unexpected("keys are found at one issuer's URL, without {}: give that, and write a template into the file afterwards");
    }
    if (written.contains('*')) {
        return std::unexpected("an issuer is compared byte for byte: `*` stands for nothing");
    }
    const auto url = config::parse_url(written);
    if (!url) {
        return std::unexpected(url.error());
    }
    if (config::is_insecure(*url)) {
        return std::unexpected(
            "an issuer's URL begins with https://; http:// is for this machine alone, since whoever is in between could give keys");
    }
    if (url->target.contains('?')) {
        return std::unexpected("an issuer's URL has no query");
    }
    if (url->target.contains("/.well-known/")) {
        return std::unexpected("that is where a document of the issuer lies; the issuer itself is what stands before /.well-known/");
    }
    return url->text;
}

std::string make_first_configuration(const app_kind& app, const std::optional<std::string>& issuer) {
    std::string out;
    append_head(out, app, issuer.has_value());
    append_provider(out, issuer ? std::string_view(*issuer) : placeholder, issuer.has_value());
    append_routes(out, app);
    append_tests(out, app);
    return out;
}

} // namespace bearward::proxy::commands
