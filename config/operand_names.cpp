#include "config/operand_names.hpp"

#include "config/credential_places.hpp"
#include "config/encoding.hpp"
#include "config/suggestion.hpp"
#include "policies/requests/header_kinds.hpp"
#include "policies/requests/header_names.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace bearward::config {
namespace {

using policies::requests::equal_folded_names;
using policies::requests::header_kind;

std::string capture_fault(const std::string& name, const operand_scope& scope) {
    if (scope.bound.contains(name)) {
        return {};
    }
    const std::vector<std::string> names(scope.bound.begin(), scope.bound.end());
    const std::string known = names.empty() ? "it has no captures" : "it has: " + join(names);
    return "the route's path has no capture {" + escape_for_message(name) + "}; " + known + suggest(name, names);
}

/// Why a request header of this name never reaches the app; empty: it may.
std::string always_removed(const std::string& name, const settings& from) {
    const header_kind kind = policies::requests::classify_header(name);
    if (equal_folded_names(name, "Host")) {
        return "is written as {host.N}, a label of the host";
    }
    if (kind == header_kind::never || kind == header_kind::handshake || kind == header_kind::subprotocol) {
        return "is never forwarded as it came";
    }
    constexpr std::array<std::string_view, 4> anew{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix"};
    if (std::ranges::any_of(anew, [&](std::string_view each) { return equal_folded_names(each, name); })) {
        return "is written by Bearward itself";
    }
    const bool peers = !from.trusted_proxies.empty();
    if (policies::requests::passes_by_kind(kind, name, from.headers, peers)) {
        return {};
    }
    return kind == header_kind::forwarded ? "is removed, since there are no trusted_proxies" : "is dropped by `headers`";
}

/// What the route does with it; empty: nothing.
std::string taken_by(const std::string& name, const operand_scope& scope, const settings& from) {
    const auto is = [&](const std::string& other) { return equal_folded_names(other, name); };
    if (std::ranges::any_of(from.identity_headers, is, &identity_header_settings::name) ||
        (from.assertion && is(from.assertion->header.value))) {
        return "is an identity header: what clients send under this name is removed";
    }
    if (std::ranges::any_of(scope.route.add_request_headers, is, &added_header_settings::name) ||
        std::ranges::any_of(scope.route.remove_request_headers, is, &located_text::value)) {
        return "is set or removed by the route";
    }
    const bool carries_token = std::ranges::any_of(from.providers, [&](const provider_settings& each) {
        return (is(header_of(each).value) || (!each.cookie.empty() && is("Cookie"))) &&
               std::ranges::any_of(scope.route.providers, [&](const auto& named) { return named.value == each.name; });
    });
    return carries_token && !scope.route.forward_token ? "carries the token, which is removed" : "";
}

std::string header_fault(const std::string& name, const operand_scope& scope, const settings& from) {
    std::string fault = always_removed(name, from);
    fault = fault.empty() ? taken_by(name, scope, from) : fault;
    return fault.empty() ? fault
                         : "{header." + escape_for_message(name) + "} stands for nothing: the header " + fault +
                               "; a requirement reads headers as they are forwarded";
}

std::string parameter_fault(const std::string& name, const operand_scope& scope, const settings& from) {
    const bool carries_token = std::ranges::any_of(from.providers, [&](const provider_settings& each) {
        return names_of(each).query_parameter == name &&
               std::ranges::any_of(scope.route.providers, [&](const auto& named) { return named.value == each.name; });
    });
    const bool looked_at =
        scope.route.token_from.value.query || (scope.route.websocket.enabled && scope.route.websocket.token_from.value.query);
    return carries_token && looked_at ? "{query." + escape_for_message(name) + "} is where a token may be" : "";
}

/// Whether a host of this pattern may have the label: an address has none.
bool may_have_label(std::string_view host, std::uint32_t label) {
    if (host.starts_with("*.")) {
        return true; // any number of them
    }
    const std::string_view last = host.substr(host.rfind('.') + 1); // npos + 1 is 0
    const bool address = host.contains(':') || last.find_first_not_of("0123456789") == std::string_view::npos;
    return !address && static_cast<std::size_t>(std::ranges::count(host, '.')) + 1 >= label;
}

std::string label_fault(std::uint32_t label, const operand_scope& scope) {
    const auto& hosts = scope.route.hosts;
    if (hosts.empty() || std::ranges::any_of(hosts, [&](const located_text& each) { return may_have_label(each.value, label); })) {
        return {};
    }
    std::vector<std::string> names;
    std::ranges::transform(hosts, std::back_inserter(names), &located_text::value);
    return "no host of the route has a label {host." + std::to_string(label) + "}: " + join(names) +
           "; labels are counted from the left, 1 is the first, and an address has none";
}

} // namespace

std::string fault_of(const policies::rules::operand::part& part, const operand_scope& scope, const settings& from) {
    using source = policies::rules::operand::part::source;
    switch (part.from) {
    case source::capture:
        return capture_fault(part.text, scope);
    case source::header:
        return header_fault(part.text, scope, from);
    case source::query:
        return parameter_fault(part.text, scope, from);
    case source::label:
        return label_fault(part.label, scope);
    case source::text:
        break;
    }
    return {};
}

} // namespace bearward::config
