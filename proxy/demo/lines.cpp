#include "proxy/demo/lines.hpp"

#include "proxy/demo/tokens.hpp"

namespace bearward::proxy::demo {

namespace {

const named_value as_reader{"Authorization", "Bearer $READER"};
const named_value as_admin{"Authorization", "Bearer $ADMIN"};
const named_value as_other{"Authorization", "Bearer $OTHER"};
const named_value as_expired{"Authorization", "Bearer $EXPIRED"};

expectation refused(unsigned status, std::string detail) {
    return {.status = status, .detail = std::move(detail)};
}

expectation closed(std::string reason, std::string subprotocol = {}) {
    return {.status = 101, .subprotocol = std::move(subprotocol), .closed = close_notice{1008, std::move(reason)}};
}

std::vector<line> make_http_lines() {
    return {
        {.title = "A public page needs no token", .target = "/public/hello", .expect = {.status = 200, .app_does_not_see = {"X-User-Id"}}},
        {.title = "Without a token", .target = "/hello", .expect = refused(401, "Not authenticated")},
        {.title = "A reader",
         .target = "/hello",
         .headers = {as_reader},
         .expect = {.status = 200,
                    .app_sees = {{"X-User-Id", "ada"}, {"X-Tenant-Id", "acme"}, {"X-User-Roles", "reader"}},
                    .app_does_not_see = {"Authorization"}}},
        {.title = "A body is passed on",
         .method = "POST",
         .target = "/notes?draft=1",
         .headers = {as_reader},
         .body = "a note",
         .expect = {.status = 200, .app_sees = {{"X-User-Id", "ada"}, {"Content-Length", "6"}}}},
        {.title = "A reader in the admin area",
         .target = "/admin/users",
         .headers = {as_reader},
         .expect = refused(403, "Not enough permissions")},
        {.title = "The same, in disguise",
         .target = "/public/%2e%2e/%61dmin/users",
         .headers = {as_reader},
         .expect = refused(403, "Not enough permissions")},
        {.title = "An admin in the admin area",
         .target = "/admin/users",
         .headers = {as_admin},
         .expect = {.status = 200, .app_sees = {{"X-User-Id", "grace"}, {"X-User-Roles", "admin"}}}},
        {.title = "A reader and their own tenant",
         .target = "/tenants/acme/widgets",
         .headers = {as_reader},
         .expect = {.status = 200, .app_sees = {{"X-Tenant-Id", "acme"}}}},
        {.title = "Another tenant's token (tenant_mismatch)",
         .target = "/tenants/acme/widgets",
         .headers = {as_other},
         .expect = refused(403, "Not enough permissions")},
        {.title = "An expired token", .target = "/hello", .headers = {as_expired}, .expect = refused(401, "Token has expired")},
        {.title = "A damaged token",
         .target = "/hello",
         .headers = {{"Authorization", "Bearer $READER.x"}},
         .expect = refused(401, "Could not validate credentials")},
        {.title = "A spoofed identity is replaced",
         .target = "/hello",
         .headers = {as_reader, {"X-User-Id", "root"}, {"x_user_roles", "admin"}},
         .expect = {.status = 200, .app_sees = {{"X-User-Id", "ada"}, {"X-User-Roles", "reader"}}}},
        {.title = "A spoofed identity on a public page is removed",
         .target = "/public/hello",
         .headers = {{"X-User-Id", "root"}},
         .expect = {.status = 200, .app_does_not_see = {"X-User-Id"}}},
    };
}

std::vector<line> make_websocket_lines() {
    return {
        {.title = "WebSocket, the token as a subprotocol",
         .websocket = true,
         .target = "/ws",
         .headers = {{"Sec-WebSocket-Protocol", "bearer, $READER"}},
         .expect = {.status = 101, .subprotocol = "bearer", .echo = "hello"}},
        {.title = "WebSocket, the token in the query",
         .websocket = true,
         .target = "/ws?access_token=$READER",
         .expect = {.status = 101, .echo = "hello"}},
        {.title = "WebSocket without a token", .websocket = true, .target = "/ws", .expect = closed("Not authenticated")},
        {.title = "WebSocket with an expired token",
         .websocket = true,
         .target = "/ws",
         .headers = {{"Sec-WebSocket-Protocol", "bearer, $EXPIRED"}},
         .expect = closed("Token has expired", "bearer")},
        {.title = "WebSocket, a reader in the admin area",
         .websocket = true,
         .target = "/admin/ws",
         .headers = {{"Sec-WebSocket-Protocol", "bearer, $READER"}},
         .expect = closed("Not enough permissions", "bearer")},
    };
}

} // namespace

std::vector<line> make_lines() {
    std::vector<line> lines = make_http_lines();
    for (line& next : make_websocket_lines()) {
        lines.push_back(std::move(next));
    }
    return lines;
}

std::string make_configuration(const addresses& where) {
    std::string text = "version: 1\n"
                       "listen:\n"
                       "  - address: " +
                       where.listen +
                       "\n"
                       "admin:\n"
                       "  address: 127.0.0.1:0          # any free port\n"
                       "upstreams:\n"
                       "  app:\n"
                       "    servers: [\"" +
                       where.app +
                       "\"]\n"
                       "providers:\n"
                       "  demo:\n"
                       "    type: jwt\n"
                       "    issuer: ";
    text.append(demo_issuer).append("\n    audiences: [").append(demo_audience);
    text += "]\n"
            "    algorithms: [ES256]\n"
            "    keys: {jwks_file: jwks.json}\n"
            "defaults: {upstream: app, providers: [demo]}\n"
            "routes:\n"
            "  - prefix: /                   # everything needs a token,\n"
            "  - prefix: /public             # but this\n"
            "    auth: none\n"
            "  - prefix: /admin\n"
            "    require: {roles: [admin]}\n"
            "  - prefix: /tenants/{tenant_id}\n"
            "    require: {tenant: \"{tenant_id}\"}\n";
    text += where.quiet ? "log: {level: warn, access: off}\n" : "log: {format: text}\n";
    return text;
}

} // namespace bearward::proxy::demo
