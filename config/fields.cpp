#include "config/fields.hpp"

#include "config/allow_warnings.hpp"
#include "config/endpoint.hpp"
#include "config/forward_auth.hpp"
#include "config/scalars.hpp"
#include "config/suggestion.hpp"
#include "config/values.hpp"

namespace bearward::config {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;

codec<unsigned> thread_count() {
    const codec<unsigned> number = integer<unsigned>(1, 256);
    const codec<unsigned> automatic = word<unsigned>({{"auto", 0U}});
    auto show = [number, automatic](const unsigned& value) { return value == 0 ? automatic.show(value) : number.show(value); };
    codec<unsigned> made =
        choice<unsigned>({{[](const node& value) { return is_scalar(value) && type_of_plain(value.text) != scalar_type::text; }, number},
                          {is_scalar, automatic}},
                         show);
    made.form.expected = "auto or a whole number between 1 and 256";
    made.read = [read = made.read, form = made.form](reading& state, const cursor& at, unsigned& out) {
        const bool word = at.value.type == node::kind::scalar && type_of_plain(at.value.text) == scalar_type::text;
        if (!word || at.value.text == "auto") {
            return read(state, at, out);
        }
        const std::vector<std::string> words{"auto"};
        return state.error(at, "expected " + form.expected + describe(at.value) +
                                   (at.value.substituted ? std::string() : suggest(at.value.text, words)));
    };
    return made;
}

codec<std::optional<endpoint>> local_address_or_off() {
    using value = std::optional<endpoint>;
    const codec<value> address = maybe(parsed<endpoint>(
        "a loopback host:port, unix:/path or off",
        [](std::string_view written) -> std::expected<endpoint, std::string> {
            auto parsed_address = parse_endpoint(written);
            if (parsed_address && !is_local(*parsed_address)) {
                return std::unexpected("the admin listener asks nobody who they are, so only this machine may reach it");
            }
            return parsed_address;
        },
        [](const endpoint& shown) -> boost::json::value { return boost::json::value(shown.text); }));
    codec<value> off;
    off.form.type = shape::kind::word;
    off.form.words = {"off"};
    off.form.expected = "off";
    off.read = [](reading&, const cursor&, value& out) {
        out.reset();
        return true;
    };
    codec<value> made = choice<value>({{is_word("off"), off}, {is_scalar, address}}, [address](const value& shown) -> boost::json::value {
        return shown ? address.show(shown) : boost::json::value("off");
    });
    made.form.expected = address.form.expected;
    return made;
}

const section<admin_settings>& admin_fields() {
    static const section<admin_settings> declared =
        section<admin_settings>("admin", settings{}.admin)
            .field("address", &admin_settings::address, local_address_or_off(),
                   "Where /healthz, /readyz, /status, /config and /metrics are answered; off: nowhere. Loopback or a unix socket only.")
            .field("hosts", &admin_settings::hosts, list(host_pattern()), "Host names that are accepted besides loopback's own.")
            .field("probes", &admin_settings::probes, maybe(listen_address()),
                   "A second listener with only /healthz, /readyz and /metrics, under every Host, for kubelets and scrapers.");
    return declared;
}

const section<limit_settings>& limit_fields() {
    static const section<limit_settings> declared =
        section<limit_settings>("limits")
            .field(
                "max_connections", &limit_settings::max_connections, integer<std::size_t>(1, 1'000'000),
                "Over it new connections wait in the accept queue. Fewer when the file limit (ulimit -n) has no room for two files each.")
            .field("max_connections_per_address", &limit_settings::max_connections_per_address, integer<std::size_t>(0, 1'000'000),
                   "Of one client address, an IPv6 /64 counting as one; further ones are closed at once. 0: none.")
            .field("request_head_timeout", &limit_settings::request_head_timeout, duration(1ms, 1h),
                   "From a request's first byte to the end of its head (408).")
            .field("request_body_timeout", &limit_settings::request_body_timeout, duration(1ms, 1h),
                   "Between two reads of a body (408, or the connection ends).")
            .field("write_timeout", &limit_settings::write_timeout, duration(1ms, 1h), "For a client that does not read.")
            .field("idle_timeout", &limit_settings::idle_timeout, duration(1ms, 24h), "Between requests, and before the first.")
            .field("max_request_head", &limit_settings::max_request_head, size(kibibyte, mebibyte), "Over it 431; trailers count too.")
            .field("max_request_target", &limit_settings::max_request_target, size(64, mebibyte), "Over it 414.")
            .field("max_request_headers", &limit_settings::max_request_headers, integer<std::size_t>(1, 10'000), "Over it 431.")
            .field("max_response_head", &limit_settings::max_response_head, size(kibibyte, mebibyte), "Over it 502.")
            .field("max_token", &limit_settings::max_token, size(64, mebibyte), "A longer token is malformed (401).")
            .field("drain_delay", &limit_settings::drain_delay, duration(0ms, 24h),
                   "How long a stop goes on as before but for /readyz, so that balancers learn of it before connections are refused.")
            .field("drain_timeout", &limit_settings::drain_timeout, duration(0ms, 24h),
                   "How long it then waits for what is open. Both together are below the 30 s after which Kubernetes kills.")
            .field("max_websockets_per_user", &limit_settings::max_websockets_per_user, integer<std::size_t>(0, 1'000'000),
                   "Of one user of a provider, in this process; further ones are refused as rate_limited. 0: none.")
            .not_yet({"http2"});
    return declared;
}

codec<bool> drop_or_allow() {
    return word<bool>({{"drop", true}, {"allow", false}});
}

const section<header_settings>& header_fields() {
    static const section<header_settings> declared =
        section<header_settings>("headers")
            .field("unusual_names", &header_settings::drop_unusual_names, drop_or_allow(),
                   "Request headers with anything but letters, digits and `-` in the name (`_` and `.` above all): CGI, WSGI and PHP make "
                   "one variable of all such spellings.")
            .field("rewrites", &header_settings::drop_rewrites, drop_or_allow(),
                   "X-Original-URL, X-Rewrite-URL, X-HTTP-Method-Override, X-HTTP-Method and X-Method-Override of requests.")
            .field("client_facts", &header_settings::drop_client_facts, drop_or_allow(),
                   "Of peers outside `trusted_proxies`, names in which apps believe the client's address or certificate: X-Client-IP, "
                   "Client-IP, True-Client-IP, CF-Connecting-IP, Fastly-Client-IP, X-Cluster-Client-IP, X-Envoy-External-Address, "
                   "X-ProxyUser-Ip, Proxy-Client-IP, WL-Proxy-Client-IP; Client-Cert, Client-Cert-Chain, Ssl-Client-*, X-SSL-*, "
                   "X-Client-Cert*, X-ARR-ClientCert, X-Amzn-Mtls-*. `Proxy` is dropped always.");
    return declared;
}

const section<path_settings>& path_fields() {
    static const section<path_settings> declared =
        section<path_settings>("paths")
            .field("ambiguous", &path_settings::ambiguous, allow_or_reject(),
                   "Paths that servers read differently: %2F, %5C, a backslash, `;` or %3B, a double escape, `//..`. reject: 400. allow: "
                   "forwarded as they came, where every reading leads to the same route and captures.")
            .field(
                "merge_slashes", &path_settings::merge_slashes, boolean(),
                "false: `//` is forwarded as it came, where the path with and without it leads to the same route and captures; else 400.")
            .field("case", &path_settings::letter_case,
                   word<spelling>({{"guarded", spelling::guarded}, {"sensitive", spelling::distinct}, {"insensitive", spelling::same}}),
                   "How the app's router takes upper and lower case. insensitive (Express, ASP.NET, IIS): routes match likewise. guarded: "
                   "not known, so a request must also satisfy the route that it would match with case ignored.")
            .field(
                "trailing_slash", &path_settings::trailing_slash,
                word<spelling>({{"guarded", spelling::guarded}, {"distinct", spelling::distinct}, {"ignored", spelling::same}}),
                "How the app's router takes one `/` at a path's end. ignored (Express, Spring before 6): routes match likewise. guarded: "
                "not known, likewise.");
    return declared;
}

codec<std::string> realm() {
    return parsed<std::string>(
        "printable ASCII without quotes and backslashes",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            const bool good = std::ranges::all_of(
                written, [](char letter) { return letter >= 0x20 && letter <= 0x7E && letter != '"' && letter != '\\'; });
            return good ? std::expected<std::string, std::string>(written) : std::unexpected("not a realm");
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

const section<error_settings>& error_fields() {
    static const section<error_settings> declared =
        section<error_settings>("errors")
            .field("format", &error_settings::format,
                   word<error_format>({{"detail", error_format::detail}, {"problem", error_format::problem}, {"text", error_format::text}}),
                   "The body of Bearward's own answers. detail: {\"detail\": \"...\"} as FastAPI; problem: RFC 9457; text: plain.")
            .field("expose_reason", &error_settings::expose_reason, boolean(), "true: detail and problem bodies also have \"reason\".")
            .field("realm", &error_settings::realm, realm(), "Of WWW-Authenticate.")
            .field("pages", &error_settings::pages, on_or_off(),
                   "on: a browser that goes to a page (Accept with text/html before any JSON) gets a small plain page.");
    return declared;
}

codec<std::string> log_output() {
    codec<std::string> made = text("stderr, stdout or the path of a file");
    made.read = [read = made.read](reading& state, const cursor& at, std::string& out) {
        if (!read(state, at, out)) {
            return false;
        }
        if (out != "stderr" && out != "stdout") {
            out = state.resolve(at, out);
        }
        return true;
    };
    return made;
}

const section<log_settings>& log_fields() {
    static const section<log_settings> declared =
        section<log_settings>("log")
            .field("level", &log_settings::level, word(log_level_table), "The least severe level that is logged.")
            .field("format", &log_settings::format, word(log_format_table),
                   "Of each line; otel: JSON with the names of OpenTelemetry's log data model and of its HTTP attributes.")
            .field(
                "access", &log_settings::access,
                word<access_log_mode>({{"on", access_log_mode::on}, {"off", access_log_mode::off}, {"rejects", access_log_mode::rejects}}),
                "The access log: each request, none, or the rejected ones.")
            .field("identity", &log_settings::identity, on_or_off(), "off: no user and tenant in the access log.")
            .field("output", &log_settings::output, log_output(), "stderr, stdout or a file, which is reopened on SIGUSR1.");
    return declared;
}

codec<std::vector<identity_header_settings>> identity_headers() {
    const codec<identity_header_settings> element = converted<identity_header_settings, identity_source>(
        identity_value(), [](identity_source from) { return identity_header_settings{{}, std::move(from), {}}; },
        [](const identity_header_settings& header) { return header.from; });
    codec<identity_header_settings> kept = element;
    kept.read = [read = element.read](reading& state, const cursor& at, identity_header_settings& out) {
        identity_header_settings value;
        const bool good = read(state, at, value);
        out.from = std::move(value.from);
        return good;
    };
    return keyed<identity_header_settings>(
        kept, "the name of a header", 0,
        [](reading& state, const cursor& at, std::string_view key, identity_header_settings& out) {
            out.name = key;
            return is_token(key) || state.error(at, "not a header's name");
        },
        [](const identity_header_settings& header) { return header.name; });
}

const section<assertion_settings>& assertion_fields() {
    using owner = assertion_settings;
    static const section<owner> declared =
        section<owner>("assertion")
            .field("header", &owner::header, placed(header_name()), "The header that carries it; always removed from what clients send.")
            .field(
                "private_key", &owner::private_key, absent_if_empty(placed(file_path())),
                "A PEM file with the key that signs; its algorithm follows from the key, and its public part is at the admin's /jwks.json.",
                presence::required)
            .field("issuer", &owner::issuer, text("an issuer"), "Its `iss`.")
            .field("audience", &owner::audience, absent_if_empty(text("an audience")), "Its `aud`. Default: the upstream's name.")
            .field("lifetime", &owner::lifetime, duration(std::chrono::seconds{2}, std::chrono::hours{1}),
                   "From `iat` to `exp`; one is used again for requests alike while half of it is left.");
    return declared;
}

codec<policy_settings> policy() {
    const codec<requirement_settings> inner = demanding_requirement();
    codec<policy_settings> made;
    made.form = inner.form;
    made.read = [read = inner.read](reading& state, const cursor& at, policy_settings& out) { return read(state, at, out.require); };
    made.show = [show = inner.show](const policy_settings& value) { return show(value.require); };
    return made;
}

} // namespace

const section<settings>& document_fields() {
    static const section<settings> declared =
        section<settings>("document")
            .field("version", &settings::version, integer<unsigned>(1, 1), "The version of this format.", presence::required)
            .field("include", &settings::include, list(text("a path or a pattern such as policies.d/*.yaml")),
                   "More files. Patterns are sorted by name. routes, tests, listen and trusted_proxies add up; upstreams, providers and "
                   "policies "
                   "merge by name; any other section stands in one file.")
            .field("threads", &settings::threads, thread_count(),
                   "Worker threads. auto: the CPUs that this process may use (affinity, cgroup quota).")
            .field("user", &settings::user, absent_if_empty(text("the name of a user")), "Started as root: become this user once bound.")
            .field("listen", &settings::listen, list(nested("listener", &listener_fields), 1), "Where clients connect.", presence::required)
            .field("admin", &settings::admin, nested("admin", &admin_fields), "The admin listener. It asks nobody who they are.")
            .field("trusted_proxies", &settings::trusted_proxies, trusted_proxies(),
                   "Peers whose word about the client is believed: addresses, networks, and `unix:` for unix sockets.")
            .field("upstreams", &settings::upstreams, by_name(nested("upstream", &upstream_fields), "an upstream", 1),
                   "The protected apps. Not needed where every listener is a forward_auth one.", presence::required)
            .required_where([](const settings& all) { return !only_decides(all); }, schema_of_deciding_listeners())
            .field("providers", &settings::providers, by_name(nested("provider", &provider_fields), "a provider"),
                   "The trusted sources of credentials.")
            .field(
                "identity_headers", &settings::identity_headers, identity_headers(),
                "Headers that tell the app who asks; always removed from what clients send. Sources: user, tenant, roles "
                "(comma-separated), "
                "scopes (space-separated), provider, claims.PATH, and of the client's verified certificate certificate.subject (RFC 2253), "
                "certificate.dns, certificate.uri (comma-separated), certificate.sha256 (hex), on public routes too.")
            .field("assertion", &settings::assertion, maybe(nested("assertion", &assertion_fields)),
                   "A short-lived JWT that tells the app who asks: iss, aud, sub, tid, roles, iat, exp, jti, method, path.")
            .field("policies", &settings::policies, by_name(policy(), "a policy"), "Named requirements.")
            .field("defaults", &settings::defaults, nested("defaults", &default_fields), "Keys that routes get when they don't have them.")
            .field("routes", &settings::routes, list(nested("route", &route_fields), 1), "What requests match; the order does not matter.",
                   presence::required)
            .field("tests", &settings::tests, list(nested("test", &test_fields)),
                   "Policy tests, run by `bearward test` and `bearward check`; no keys, secrets or network needed.")
            .field("cors", &settings::cors, maybe(nested("cors", &cors_fields)),
                   "Which pages of other origins may read answers: of routes without `cors`, and of requests that have no route.")
            .field("limits", &settings::limits, nested("limits", &limit_fields), "Bounds of time and size.")
            .field("headers", &settings::headers, nested("headers", &header_fields), "Headers that are dropped from every request.")
            .field("paths", &settings::paths, nested("paths", &path_fields), "How paths are read.")
            .field("resource_metadata", &settings::resource_metadata, resource_metadata(),
                   "What clients learn of this API, by a document and by challenges that lead to it (RFC 9728): of routes without "
                   "`resource_metadata`.")
            .field(
                "tracing", &settings::tracing, tracing(),
                "A span for each request that is sampled, to an OpenTelemetry collector. Without it `traceparent` and `tracestate` pass.")
            .field("errors", &settings::errors, nested("errors", &error_fields), "Bearward's own answers.")
            .field("log", &settings::log, nested("log", &log_fields), "Logging.")
            .field("allow_warnings", &settings::allow_warnings, allowed_warnings(of_neither),
                   "Codes of warnings that speak of neither a route nor a provider, and are meant so: they become notes.");
    return declared;
}

} // namespace bearward::config
