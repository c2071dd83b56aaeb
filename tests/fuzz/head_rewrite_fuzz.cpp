// Whatever head is accepted, the head that is made of it reads, once written, as the
// very fields and framing that were meant: nothing of a sender becomes a line, a
// message or a length of its own. The first byte of the input chooses between request
// and response, and what is known of the peer.
#include "policies/decide.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/http1_answer.hpp"
#include "proxy/http/write_head.hpp"
#include "proxy/websocket/handshake.hpp"
#include "tests/fuzz/http_fuzz.hpp"

using namespace bearward;
using namespace bearward::proxy;
using namespace bearward::proxy::http;
using fuzz::demand;

namespace {

constexpr head_limits limits{.max_head = 4096, .max_target = 256, .max_headers = 16};
/// Of what is written: no head within the limits above becomes as long.
constexpr head_limits roomy{.max_head = 64 * 1024, .max_target = 8 * 1024, .max_headers = 64};

struct flags {
    bool response;
    bool trusted_peer;
    bool unusual_names;
    bool http10;
    bool head_request;
    bool closes;
    bool traced;
};

flags flags_of(unsigned byte) {
    const auto bit = [byte](unsigned place) { return ((byte >> place) & 1U) != 0; };
    return {.response = bit(0),
            .trusted_peer = bit(1),
            .unusual_names = bit(2),
            .http10 = bit(3),
            .head_request = bit(4),
            .closes = bit(5),
            .traced = bit(6)};
}

/// One public route to all that is asked, which strips a prefix and adds a field.
policies::snapshot make_rules() {
    policies::rules::route route;
    route.name = "everything";
    route.pattern = "/";
    route.auth = policies::rules::authentication::none;
    route.websocket.enabled = true;
    route.strip_prefix = true;
    route.segments = {{"a", false}};
    route.request_headers = {.added = {{"X-Env", "fuzz"}}, .removed = {"Cookie"}};
    policies::rules::route rest = route;
    rest.strip_prefix = false;
    rest.segments.clear();
    std::vector<policies::rules::route> routes;
    routes.push_back(std::move(route));
    routes.push_back(std::move(rest));
    policies::snapshot made;
    made.routes = policies::rules::route_table(std::move(routes));
    return made;
}

/// The field lines of `made` are those of the head that was read again.
void demand_fields(const outgoing_head& made, const http1_fields& own, const message_head& again) {
    std::size_t at = 0;
    visit_field_lines(made, own, [&](const header& field) {
        demand(at < again.fields.size() && again.fields[at].name == field.name && again.fields[at].value == field.value);
        ++at;
    });
    demand(at == again.fields.size());
}

void check_request(std::string_view bytes, const flags& how) {
    static const policies::snapshot rules = make_rules();
    request_head head;
    if (parse_request_head(bytes, limits, head).state != head_state::complete || head.host.empty()) {
        return; // an empty Host, for a client of HTTP/1.0 without one, is what we'd refuse ourselves
    }
    policies::requests::path_scratch paths;
    const auto path = policies::requests::parse_path(head.path, {.ambiguous = policies::requests::ambiguous_paths::reject}, paths);
    const bool websocket = websocket::classify_upgrade(head) == websocket::upgrade::websocket;
    if (!path) {
        return;
    }
    const policies::requests::request_view view{.method = head.method,
                                                .path = *path,
                                                .query = head.query,
                                                .host = head.host,
                                                .websocket = websocket,
                                                .headers = head.fields,
                                                .trusted_peer = how.trusted_peer};
    policies::direct_outside around(policies::time_point{});
    policies::requests::credential_scratch scratch;
    const auto decided = policies::decide(view, rules, around, policies::on_need::refuse, scratch);
    const auto* const leave = std::get_if<policies::permit>(&decided);
    if (leave == nullptr) {
        return;
    }
    const rewrite_rules rewrite{.stripped_names = {"X-User-Id"}, .headers = {.drop_unusual_names = !how.unusual_names}};
    request_trace trace{};
    if (const auto parent = find_traceparent(head.fields)) {
        trace.own = *parent;
        trace.continued = true;
    }
    const forward_context context{.peer_address = "192.0.2.7",
                                  .trusted_peer = how.trusted_peer,
                                  .request_id = "r-1",
                                  .path = path->path,
                                  .trace = how.traced ? &trace : nullptr};
    outgoing_request made;
    make_upstream_head(head, *leave, rewrite, context, websocket, made);
    std::string text;
    write_head(made, text);
    request_head again;
    demand(parse_request_head(text, roomy, again).state == head_state::complete && again.size == text.size());
    demand_fields(made, http1_fields(made), again);
    demand(!how.traced || find_traceparent(again.fields) == (trace.continued ? std::optional(trace.own) : std::nullopt));
    demand(!how.traced || trace.continued || again.find("tracestate").data() == nullptr);
    demand(again.method == head.method && again.asterisk == head.asterisk && again.authority == head.authority);
    demand(head.asterisk || (again.path == made.path && again.query == made.query && again.has_query == made.has_query));
    demand(websocket ? again.framing == body_framing::none
                     : again.framing == head.framing && again.content_length == head.content_length &&
                           again.expects_continue == head.expects_continue && again.accepts_trailers == head.accepts_trailers);
    demand(again.keep_alive && again.minor_version == 1);
}

void check_response(std::string_view bytes, const flags& how) {
    const std::string_view method = how.head_request ? "HEAD" : "GET";
    response_head head;
    if (parse_response_head(bytes, limits, method, head).state != head_state::complete) {
        return;
    }
    const response_context context{.request_id = "r-1", .date = "Sun, 06 Nov 1994 08:49:37 GMT", .trailers = !how.http10};
    outgoing_response made;
    make_downstream_head(head, context, made);
    request_head request;
    request.minor_version = how.http10 ? 0 : 1;
    const bool goes_on = head.status >= 200 && finish_head(request, head.framing != body_framing::none, !how.closes, made);
    std::string text;
    write_head(made, text);
    response_head again;
    demand(parse_response_head(text, roomy, method, again).state == head_state::complete && again.size == text.size());
    demand_fields(made, http1_fields(made), again);
    demand(again.status == head.status && again.reason_phrase == head.reason_phrase && again.minor_version == 1);
    const bool unknown_length = head.framing == body_framing::chunked || head.framing == body_framing::until_close;
    demand(again.framing == (!unknown_length ? head.framing : how.http10 ? body_framing::until_close : body_framing::chunked));
    demand(again.framing != body_framing::content_length || again.content_length == head.content_length);
    demand(head.status < 200 || (again.keep_alive == goes_on && goes_on == (!how.closes && again.framing != body_framing::until_close)));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto how = flags_of(data[0]);
    const auto bytes = fuzz::text_of(data + 1, size - 1);
    if (how.response) {
        check_response(bytes, how);
    } else {
        check_request(bytes, how);
    }
    return 0;
}
