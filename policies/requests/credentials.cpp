#include "policies/requests/credentials.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/requests/cookies.hpp"
#include "policies/requests/query.hpp"
#include "policies/requests/subprotocols.hpp"
#include "policies/requests/target.hpp"
#include "policies/requests/token_forms.hpp"

#include <algorithm>
#include <utility>

namespace bearward::policies::requests {
namespace {

/// Collects what the places hold, and what is wrong with it.
class collector {
public:
    explicit collector(found_credentials& found) : found_(found) {}

    /// Takes a credential. True: it is the first one, and `found` now views `text`.
    bool add(std::string_view text, bool malformed) {
        if (found_.present) {
            multiple_ = multiple_ || text != found_.token || malformed != malformed_;
            return false;
        }
        found_.present = true;
        found_.token = text;
        malformed_ = malformed;
        return true;
    }

    void repeated() noexcept { multiple_ = true; }

    [[nodiscard]] std::expected<void, reason> verdict() const noexcept {
        if (multiple_) {
            return std::unexpected(reason::token_multiple);
        }
        if (malformed_) {
            return std::unexpected(reason::token_malformed);
        }
        return {};
    }

private:
    found_credentials& found_;
    bool malformed_ = false;
    bool multiple_ = false;
};

void find_in_header(const request_view& request, std::span<const credential_names> names, std::size_t index, collector& all,
                    found_credentials& found) {
    const std::string_view name = names[index].header;
    const header* first = nullptr;
    for (const header& field : request.headers) {
        if (!equal_names(field.name, name)) {
            continue;
        }
        if (first != nullptr) {
            all.repeated();
            return;
        }
        first = &field;
    }
    if (first == nullptr) {
        return;
    }
    const bool authorization = equal_names(name, "Authorization");
    const bool raw = names[index].api_key && !authorization;
    auto bearer = raw ? std::nullopt : strip_bearer(first->value);
    if (!bearer && authorization && std::ranges::any_of(names, &credential_names::dpop)) {
        bearer = strip_scheme(first->value, "DPoP");
        found.dpop_scheme = bearer.has_value();
    }
    if (!bearer && authorization && !(request.websocket && is_jws(first->value))) {
        return; // another scheme is no credential; some WebSocket clients leave the scheme out
    }
    const std::string_view token = bearer.value_or(first->value);
    if (all.add(token, !raw && !is_token68(token))) {
        found.names = index;
    } else if (names[index].api_key && !names[found.names].api_key) {
        // Sent as a bearer token too: its own header says what it is.
        found.more_headers.push_back(names[found.names].header);
        found.names = index;
    } else {
        found.more_headers.push_back(name);
    }
    found.in_header = true;
}

/// The parameter's index in `names`; names.size() for any other parameter.
std::size_t match_parameter(std::string_view name, std::span<const credential_names> names) noexcept {
    const auto match = std::ranges::find_if(
        names, [&](const credential_names& each) { return !each.query_parameter.empty() && decodes_to(name, each.query_parameter); });
    return static_cast<std::size_t>(match - names.begin());
}

/// Without `Bearer ` before it, whose space forms write as a plus. Other pluses
/// are the token's own (token68).
std::string_view strip_form_bearer(std::string_view value) noexcept {
    constexpr std::string_view scheme = "Bearer+";
    if (equal_names(value.substr(0, scheme.size()), scheme)) {
        return value.substr(scheme.size());
    }
    return strip_bearer(value).value_or(value);
}

void add_parameter(std::string_view value, std::size_t index, collector& all, credential_scratch& scratch, found_credentials& found) {
    found.in_query = true;
    if (value.contains('%')) {
        std::string decoded = decode_segment(value);
        const std::string_view token = strip_bearer(decoded).value_or(decoded);
        if (all.add(token, !is_token68(token))) {
            // The view is of `decoded`, whose bytes may move with it.
            const auto offset = static_cast<std::size_t>(token.data() - decoded.data());
            scratch.token = std::move(decoded);
            found.token = std::string_view(scratch.token).substr(offset);
            found.names = index;
        }
        return;
    }
    const std::string_view token = strip_form_bearer(value);
    if (all.add(token, !is_token68(token))) {
        found.names = index;
    }
}

void find_in_query(const request_view& request, std::span<const credential_names> names, collector& all, credential_scratch& scratch,
                   found_credentials& found) {
    std::vector<bool> seen;
    std::size_t kept = 0;
    std::string_view rest = request.query;
    scratch.query.clear();
    while (!request.query.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view parameter = rest.substr(0, end);
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        const std::size_t index = match_parameter(parameter.substr(0, equals), names);
        if (index < names.size()) {
            seen.resize(names.size());
            if (seen[index]) {
                all.repeated();
            }
            seen[index] = true;
            add_parameter(parameter.substr(std::min(equals + 1, parameter.size())), index, all, scratch, found);
        } else {
            if (kept++ > 0) {
                scratch.query += '&';
            }
            scratch.query += parameter;
        }
        if (end == rest.size()) {
            break;
        }
        rest.remove_prefix(end + 1);
    }
    found.remaining_query = found.in_query ? std::string_view(scratch.query) : request.query;
}

void find_in_subprotocols(const subprotocol_reading& reading, collector& all, credential_scratch& scratch, found_credentials& found) {
    for (const subprotocol_token& token : reading.tokens) {
        found.in_subprotocol = true;
        if (!token.encoded || token.malformed) {
            all.add(token.text, token.malformed);
            continue;
        }
        std::string decoded = jose::decode_base64url(token.text).value_or(std::string{});
        if (all.add(decoded, false)) {
            scratch.subprotocol_token = std::move(decoded);
            found.token = scratch.subprotocol_token;
        }
    }
}

void find_in_cookies(const request_view& request, std::span<const credential_names> names, collector& all, found_credentials& found) {
    for (std::size_t index = 0; index < names.size(); ++index) {
        const std::string& name = names[index].cookie;
        const bool known = std::ranges::any_of(names.first(index), [&](const auto& each) { return each.cookie == name; });
        if (name.empty() || known) {
            continue;
        }
        const found_cookie cookie = find_cookie(request.headers, name);
        if (cookie.count > 1) {
            all.repeated();
        }
        if (cookie.count > 0) {
            found.in_cookie = true;
            if (all.add(cookie.value, !is_token68(cookie.value))) {
                found.names = index;
            }
        }
    }
}

} // namespace

std::string remove_parameters(std::string_view query, std::span<const credential_names> names, std::span<const credential_names> kept) {
    std::string rest;
    bool first = true;
    for (std::size_t at = 0; at <= query.size() && !query.empty();) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        const std::string_view parameter = query.substr(at, end - at);
        const std::string_view name = parameter.substr(0, parameter.find('='));
        if (match_parameter(name, names) == names.size() || match_parameter(name, kept) < kept.size()) {
            rest.append(first ? "" : "&").append(parameter);
            first = false;
        }
        at = end + 1;
    }
    return rest;
}

std::expected<void, reason> find_credentials(const request_view& request, const token_places& places,
                                             std::span<const credential_names> names, credential_scratch& scratch,
                                             found_credentials& found) {
    found = {};
    found.remaining_query = request.query;
    collector all(found);
    if (places.header) {
        for (std::size_t index = 0; index < names.size(); ++index) {
            const auto earlier = names.first(index);
            if (std::ranges::none_of(earlier, [&](const auto& each) { return equal_names(each.header, names[index].header); })) {
                find_in_header(request, names, index, all, found);
            }
        }
    }
    if (places.query && !request.query.empty()) {
        find_in_query(request, names, all, scratch, found);
    }
    if (request.websocket) {
        subprotocol_reading reading = parse_subprotocols(request);
        found.subprotocols = std::move(reading.offer);
        if (places.subprotocol) {
            find_in_subprotocols(reading, all, scratch, found);
        }
    }
    if (places.cookie && !found.present && all.verdict()) { // an empty header twice is no credential, and refused
        find_in_cookies(request, names, all, found);
    }
    return all.verdict();
}

} // namespace bearward::policies::requests
