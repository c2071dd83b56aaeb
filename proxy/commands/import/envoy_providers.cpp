#include "proxy/commands/import/envoy.hpp"
#include "proxy/commands/import/peer_values.hpp"

#include "config/url.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace bearward::proxy::commands::importing {
namespace {

using config::node;

/// The algorithms that the keys of a set are for; of an RSA key that doesn't say, RS256.
std::vector<std::string> algorithms_of(const std::string& set) {
    std::vector<std::string> found;
    boost::system::error_code problem;
    const boost::json::value parsed = boost::json::parse(set, problem);
    const auto* const keys = !problem && parsed.is_object() ? parsed.as_object().if_contains("keys") : nullptr;
    const auto text = [](const boost::json::object& key, const char* name) {
        const auto* const value = key.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
    };
    if (keys == nullptr || !keys->is_array()) {
        return found;
    }
    for (const auto& each : keys->as_array()) {
        if (!each.is_object()) {
            continue;
        }
        std::string algorithm = text(each.as_object(), "alg");
        const std::string type = text(each.as_object(), "kty");
        const std::string curve = text(each.as_object(), "crv");
        if (algorithm.empty()) {
            algorithm = type == "RSA"        ? "RS256"
                        : curve == "P-256"   ? "ES256"
                        : curve == "P-384"   ? "ES384"
                        : curve == "P-521"   ? "ES512"
                        : curve == "Ed25519" ? "EdDSA"
                                             : "";
        }
        constexpr std::string_view known[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"};
        if (is_in(known, std::string_view(algorithm)) && !is_in(found, algorithm)) {
            found.push_back(algorithm);
        }
    }
    return found;
}

void need_keys(provider& into, imported& out, int line, const std::string& why) {
    out.say(line, why);
    into.comments.emplace_back("Its keys could not be taken over: write where they are.");
    find_keys_by_discovery(into, into.issuers.empty() ? "" : into.issuers.front(), out, line);
}

} // namespace

void envoy_jwt::read_provider(const std::string& name, const node& of, imported& out) {
    const bool plain = !name.empty() && name.size() <= 128 && name != closed_provider && name.find_first_of(" \t\n") == std::string::npos;
    if (!plain || known_.contains(name) || of.type != node::kind::map) {
        out.warn(of.line, "a provider whose name can't be one here: what requires it is closed");
        return;
    }
    provider made{.name = name, .issuers = {}, .audiences = texts_at(of, "audiences")};
    for (unsigned number = 2; std::ranges::find(out.providers, made.name, &provider::name) != out.providers.end(); ++number) {
        made.name = name + '-' + std::to_string(number); // another listener has one of that name
    }
    if (const std::string issuer = text_at(of, "issuer"); !issuer.empty()) {
        made.issuers = {issuer};
        if (issuer.find_first_of("{}") != std::string::npos) {
            out.warn(of.line, "an issuer with braces, which are a template here: what requires it is closed");
            return;
        }
    }
    made.clock_skew = "1m";
    if (const std::string skew = text_at(of, "clock_skew_seconds"); !skew.empty()) {
        made.clock_skew = to_duration(skew + "s").value_or("30s");
    }
    if (const std::string lifetime = text_at(of, "max_lifetime"); !lifetime.empty()) {
        made.max_lifetime = to_duration(lifetime, std::chrono::seconds(1), std::chrono::hours(24 * 365)).value_or("1h");
    }
    if (made.audiences.empty()) {
        made.comments.emplace_back(
            "Envoy verifies no audience: a token of this issuer that is meant for another API passes. Write yours as `audiences`.");
        made.allow_warnings.emplace_back("no-audience");
    }
    if (const node* const subjects = importing::find(of, "subjects"); subjects != nullptr) {
        const auto subject = read_string_matcher("sub", *subjects);
        if (!subject) {
            out.warn(subjects->line, "subjects: can't be a condition here; what requires the provider is closed");
            return;
        }
        made.required_claims.emplace_back("sub", *subject);
    }
    read_keys(name, of, made, out);
    read_places(of, made, out);
    if (is_true(of, "forward")) {
        forwards.insert(made.name);
    }
    for (const node& each : items_at(of, "claim_to_headers")) {
        const std::string header = text_at(each, "header_name");
        const std::pair<std::string, std::string> entry(header, "claims." + text_at(each, "claim_name"));
        const bool taken =
            std::ranges::any_of(out.identity_headers, [&](const auto& one) { return to_lower(one.first) == to_lower(header); });
        if (!is_settable_header(header) || text_at(each, "claim_name").empty() || (taken && !is_in(out.identity_headers, entry))) {
            out.say(each.line, "claim_to_headers: not taken over: " + header);
        } else if (!taken) {
            out.identity_headers.push_back(entry);
        }
    }
    if (!is_true(of, "require_expiration")) {
        out.say(of.line, "tokens without `exp` are refused here: `require_expiry: false` on the provider takes them");
    }
    for (const node* key : other_keys(of, {"issuer",
                                           "audiences",
                                           "subjects",
                                           "remote_jwks",
                                           "local_jwks",
                                           "forward",
                                           "from_headers",
                                           "from_params",
                                           "from_cookies",
                                           "claim_to_headers",
                                           "require_expiration",
                                           "clock_skew_seconds",
                                           "max_lifetime",
                                           "payload_in_metadata",
                                           "normalize_payload_in_metadata",
                                           "jwt_cache_config",
                                           "forward_payload_header",
                                           "pad_forward_payload_header",
                                           "header_in_metadata",
                                           "failed_status_in_metadata",
                                           "clear_route_cache"})) {
        out.warn(key->line, "not known in a provider of jwt_authn: " + key->text + "; what requires it is closed");
        return;
    }
    for (const char* key : {"forward_payload_header", "header_in_metadata"}) {
        if (const node* const found = importing::find(of, key); found != nullptr) {
            out.say(found->line, std::string(key) + ": not here; identity_headers and `assertion` tell the app who asks");
        }
    }
    known_.emplace(name, made.name);
    payloads_.emplace_back(text_at(of, "payload_in_metadata"), text_at(of, "issuer"));
    out.providers.push_back(std::move(made));
}

void envoy_jwt::read_keys(const std::string& name, const node& of, provider& into, imported& out) const {
    if (const node* const remote = importing::find(of, "remote_jwks"); remote != nullptr) {
        const node* const uri = importing::find(*remote, {"http_uri", "uri"});
        const auto url = config::parse_url(text_of(uri));
        if (!url) {
            return need_keys(into, out, remote->line, "remote_jwks of '" + name + "' names no URL");
        }
        into.key_kind = provider::keys::jwks_url;
        into.key_source = url->text;
        if (config::is_insecure(*url)) {
            out.say(remote->line, "keys come over http:// from another host: who is in between could give others");
            into.allow_warnings.emplace_back("insecure-url");
        }
        using namespace std::chrono_literals;
        into.refresh = to_duration(text_at(*remote, "cache_duration"), 1s).value_or("");
        into.fetch_timeout = to_duration(text_of(importing::find(*remote, {"http_uri", "timeout"})), 100ms, 1min).value_or("");
        return;
    }
    const node* const local = importing::find(of, "local_jwks");
    const std::string file = local != nullptr ? text_at(*local, "filename") : "";
    const std::string text = local != nullptr ? text_at(*local, "inline_string") : "";
    if (!file.empty()) {
        into.key_kind = provider::keys::jwks_file;
        into.key_source = file;
        into.comments.emplace_back("Write the algorithms that its keys are for.");
        return;
    }
    into.algorithms = algorithms_of(text);
    if (into.algorithms.empty()) {
        into.algorithms = {"RS256", "ES256"};
        return need_keys(into, out, of.line,
                         "the keys of '" + name + "' are none that can be taken over (public ones, in a file, at a URL or as text)");
    }
    into.key_kind = provider::keys::jwks;
    into.key_source = text;
}

void envoy_jwt::read_places(const node& of, provider& into, imported& out) {
    const auto& headers = items_at(of, "from_headers");
    const std::vector<std::string> parameters = texts_at(of, "from_params");
    const std::vector<std::string> cookies = texts_at(of, "from_cookies");
    for (const node& each : headers) {
        const std::string header = text_at(each, "name");
        const std::string prefix = text_at(each, "value_prefix");
        const bool bearer = to_lower(header) == "authorization";
        const bool understood = bearer ? prefix == "Bearer " || prefix == "Bearer" : prefix.empty() || prefix == "Bearer ";
        if (!into.header.empty() || !understood || header.empty()) {
            out.say(each.line, "from_headers: not taken over: " + header);
        } else {
            into.header = header;
        }
    }
    if (to_lower(into.header) == "authorization") {
        into.header.clear();
    }
    if (!parameters.empty()) {
        into.query_parameter = parameters.front();
        in_query.insert(into.name);
    }
    if (!cookies.empty()) {
        into.cookie = cookies.front();
        in_cookie.insert(into.name);
    }
    if (parameters.size() > 1 || cookies.size() > 1) {
        out.say(of.line, "of several from_params or from_cookies the first is taken over");
    }
    if (headers.empty() && parameters.empty() && cookies.empty()) {
        out.say(of.line,
                "Envoy takes tokens from ?access_token= too; URLs are logged: `token_from: [header, query]` on a route takes them");
    }
    if (headers.empty() && (!parameters.empty() || !cookies.empty())) {
        out.say(of.line, "tokens are taken from Authorization here too");
    }
}

} // namespace bearward::proxy::commands::importing
