// The declarations of policy tests.
#include "config/fields.hpp"
#include "config/scalars.hpp"
#include "config/values.hpp"
#include "policies/reason_table.hpp"

namespace bearward::config {

namespace {

codec<std::string> request_path() {
    return parsed<std::string>(
        "a path such as /tenants/t-1/widgets?page=2",
        [](std::string_view written) -> std::expected<std::string, std::string> {
            if (!written.starts_with('/') || written.find(' ') != std::string_view::npos) {
                return std::unexpected("it begins with / and has no spaces");
            }
            return std::string(written);
        },
        [](const std::string& value) -> boost::json::value { return boost::json::value(value); });
}

/// Text or a number as written; empty text is good.
codec<std::string> header_value() {
    codec<std::string> made;
    made.form.type = shape::kind::scalar;
    made.form.expected = "the value of a header";
    made.read = [form = made.form](reading& state, const cursor& at, std::string& out) {
        if (at.value.type != node::kind::scalar || (!is_text(at.value) && type_of_plain(at.value.text) == scalar_type::null)) {
            return refuse(state, at, form);
        }
        const bool visible = std::ranges::none_of(
            at.value.text, [](char letter) { return (static_cast<unsigned char>(letter) < 0x20 && letter != '\t') || letter == 0x7F; });
        out = at.value.text;
        return visible || state.error(at, "control characters may not stand here");
    };
    made.show = [](const std::string& value) -> boost::json::value { return boost::json::value(value); };
    return made;
}

codec<std::vector<test_header>> headers() {
    const codec<std::string> value = header_value();
    codec<test_header> element;
    element.form = value.form;
    element.read = [read = value.read](reading& state, const cursor& at, test_header& out) { return read(state, at, out.value); };
    element.show = [](const test_header& header) -> boost::json::value { return boost::json::value(header.value); };
    return keyed<test_header>(
        element, "the name of a header", 0,
        [](reading& state, const cursor& at, std::string_view key, test_header& out) {
            out.name = key;
            return is_token(key) || state.error(at, "not a header's name");
        },
        [](const test_header& header) { return header.name; });
}

bool read_nested(reading& state, const cursor& at, const codec<boost::json::value>& one, const shape& form, boost::json::value& out) {
    bool good = true;
    if (at.value.type == node::kind::sequence) {
        boost::json::array& array = out.emplace_array();
        for (std::size_t index = 0; index < at.value.items.size(); ++index) {
            const key_path step{&at.path, {}, index};
            boost::json::value element;
            good = read_nested(state, cursor{at.value.items[index], step}, one, form, element) && good;
            array.push_back(std::move(element));
        }
        return good;
    }
    if (at.value.type == node::kind::map) {
        boost::json::object& object = out.emplace_object();
        for (const entry& each : at.value.entries) {
            const key_path step{&at.path, each.key.text, 0};
            good = read_nested(state, cursor{each.value, step}, one, form, object[each.key.text]) && good;
        }
        return good;
    }
    return at.value.type == node::kind::scalar ? one.read(state, at, out) : refuse(state, at, form);
}

struct named_claim {
    std::string name;
    boost::json::value value;
};

/// Any JSON but null: what issuers put into claims.
codec<boost::json::value> nested_claim() {
    using value = boost::json::value;
    const codec<value> one = claim_value();
    codec<value> made;
    shape object;
    object.type = shape::kind::object;
    object.expected = "a map of such values";
    shape inner;
    inner.type = shape::kind::choice;
    inner.expected = one.form.expected + " or a map";
    inner.parts = {one.form, object};
    shape array;
    array.type = shape::kind::list;
    array.expected = "a list of such values";
    array.parts = {inner};
    made.form.type = shape::kind::choice;
    made.form.expected = one.form.expected + ", a list or a map of such values";
    made.form.parts = {one.form, array, object};
    made.read = [one, form = made.form](reading& state, const cursor& at, value& out) { return read_nested(state, at, one, form, out); };
    made.show = [](const value& shown) { return shown; };
    return made;
}

/// One tenant or several.
codec<std::vector<std::string>> tenants() {
    using several = std::vector<std::string>;
    const codec<std::string> one = text("a tenant");
    const codec<several> many = list(one, 1);
    const codec<several> single = converted<several, std::string>(
        one, [](std::string tenant) { return several{std::move(tenant)}; },
        [](const several& all) { return all.empty() ? std::string() : all.front(); });
    return choice<several>({{is_scalar, single}, {is_list, many}},
                           [single, many](const several& all) { return all.size() == 1 ? single.show(all) : many.show(all); });
}

/// Names as they stand, dots included: a path goes down by the longest name that fits.
codec<boost::json::object> claims() {
    const codec<boost::json::value> either = nested_claim();
    codec<named_claim> element;
    element.form = either.form;
    element.read = [read = either.read](reading& state, const cursor& at, named_claim& out) { return read(state, at, out.value); };
    element.show = [](const named_claim& claim) { return claim.value; };
    return converted<boost::json::object, std::vector<named_claim>>(
        keyed<named_claim>(
            element, "the name of a claim", 0,
            [](reading& state, const cursor& at, std::string_view key, named_claim& out) {
                out.name = key;
                const auto path = policies::tokens::claim_path::parse(key);
                return path.has_value() || state.error(at, path.error());
            },
            [](const named_claim& claim) { return claim.name; }),
        [](std::vector<named_claim> from) {
            boost::json::object made;
            for (named_claim& each : from) {
                made[each.name] = std::move(each.value);
            }
            return made;
        },
        [](const boost::json::object& from) {
            std::vector<named_claim> made;
            for (const boost::json::key_value_pair& each : from) {
                made.push_back({std::string(each.key()), each.value()});
            }
            return made;
        });
}

const section<test_request>& request_fields() {
    static const section<test_request> declared =
        section<test_request>("test_request")
            .field("method", &test_request::method, method(), "Its method.")
            .field("path", &test_request::path, request_path(), "Its path, with its query if any.", presence::required)
            .field("host", &test_request::host, text("a host"), "Its Host.")
            .field("websocket", &test_request::websocket, boolean(), "true: it opens a WebSocket.")
            .field("headers", &test_request::headers, headers(), "Its other headers.")
            .field("listener", &test_request::listener, absent_if_empty(placed(text("the name of a listener"))),
                   "The listener that it comes to. Default: the first.");
    return declared;
}

const section<test_identity>& identity_fields() {
    static const section<test_identity> declared =
        section<test_identity>("test_identity")
            .field("provider", &test_identity::provider, absent_if_empty(placed(text("the name of a provider"))),
                   "Who vouches for it. Default: the route's first.")
            .field("user", &test_identity::user, absent_if_empty(text("a user")), "The user.")
            .field("tenant", &test_identity::tenants, absent_if_empty(tenants()), "The tenant, or several at once.")
            .field("roles", &test_identity::roles, list(text("a role")), "Its roles.")
            .field("scopes", &test_identity::scopes, list(text("a scope")), "Its scopes.")
            .field("claims", &test_identity::claims, claims(),
                   "Other claims: name -> value, list or map. A dotted name stands for the path.");
    return declared;
}

const section<test_expectation>& expectation_fields() {
    static const section<test_expectation> declared =
        section<test_expectation>("test_expectation")
            .field("status", &test_expectation::status, maybe(integer<unsigned>(100, 599)),
                   "200: the request is forwarded; else the status of the answer. For a handshake that is accepted and closed both 101 and "
                   "the status that it would have had.")
            .field("reason", &test_expectation::why, maybe(word(policies::reason_table)), "The reason code.")
            .field("route", &test_expectation::route, absent_if_empty(placed(text("the name of a route"))), "The route that was matched.")
            .field("headers", &test_expectation::headers, headers(),
                   "Headers of the request as it is forwarded; an empty value: the header is not there.")
            .field("close", &test_expectation::close, maybe(integer<unsigned>(1'000, 4'999)),
                   "The code of the Close that rejects a handshake.")
            .check([](reading& state, const cursor& at, const test_expectation& expect) {
                const bool something =
                    expect.status || expect.why || expect.close || !expect.route.value.empty() || !expect.headers.empty();
                return something || state.error(at, "expects nothing; expected at least one of status, reason, route, headers, close");
            });
    return declared;
}

} // namespace

const section<test_settings>& test_fields() {
    static const section<test_settings> declared =
        section<test_settings>("test")
            .field("name", &test_settings::name, absent_if_empty(text("a name")), "What it shows. Default: its method and path.")
            .field("request", &test_settings::request, nested("test_request", &request_fields), "The request.", presence::required)
            .field("identity", &test_settings::identity, maybe(nested("test_identity", &identity_fields)),
                   "What its credential says. Without it the request has no credential.")
            .field("expect", &test_settings::expect, nested("test_expectation", &expectation_fields), "What has to become of it.",
                   presence::required);
    return declared;
}

} // namespace bearward::config
