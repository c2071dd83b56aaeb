#include "policies/requests/subprotocols.hpp"

#include "policies/ascii.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/requests/token_forms.hpp"

#include <algorithm>
#include <optional>

namespace bearward::policies::requests {
namespace {

constexpr std::string_view kubernetes_prefix = "base64url.bearer.authorization.k8s.io.";
constexpr std::string_view dotted_prefix = "bearer.";
constexpr std::string_view socket_prefix = "bearward.socket.";

bool names_socket(std::string_view entry) noexcept {
    return entry.starts_with(socket_prefix) && is_socket_id(entry.substr(socket_prefix.size()));
}

std::vector<std::string_view> split_entries(const request_view& request) {
    std::vector<std::string_view> entries;
    for (const header& field : request.headers) {
        if (!equal_names(field.name, "Sec-WebSocket-Protocol")) {
            continue;
        }
        std::string_view rest = field.value;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            if (const std::string_view entry = trim(rest.substr(0, comma)); !entry.empty()) {
                entries.push_back(entry);
            }
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    return entries;
}

bool is_marker(std::string_view entry) noexcept {
    return equal_names(entry, "bearer") || equal_names(entry, "access_token");
}

std::optional<std::string_view> strip_prefix(std::string_view entry, std::string_view prefix) noexcept {
    if (!equal_names(entry.substr(0, prefix.size()), prefix)) {
        return std::nullopt;
    }
    return entry.substr(prefix.size());
}

/// The token that an entry carries by itself, without a marker before it.
std::optional<subprotocol_token> find_own_token(std::string_view entry) {
    if (const auto bearer = strip_bearer(entry)) {
        return subprotocol_token{.text = *bearer, .malformed = !is_token68(*bearer)};
    }
    if (const auto encoded = strip_prefix(entry, kubernetes_prefix)) {
        const auto decoded = jose::decode_base64url(*encoded);
        return subprotocol_token{.text = *encoded, .encoded = true, .malformed = !decoded || !is_token68(*decoded)};
    }
    if (const auto dotted = strip_prefix(entry, dotted_prefix)) {
        return subprotocol_token{.text = *dotted, .malformed = !is_token68(*dotted)};
    }
    if (is_jws(entry)) {
        return subprotocol_token{.text = entry};
    }
    return std::nullopt;
}

} // namespace

bool is_socket_id(std::string_view text) noexcept {
    constexpr std::size_t shortest = 16;
    constexpr std::size_t longest = 64;
    return text.size() >= shortest && text.size() <= longest && std::ranges::all_of(text, is_base64url);
}

std::string_view subprotocol_offer::socket_id() const noexcept {
    return socket_entry.substr(std::min(socket_entry.size(), socket_prefix.size()));
}

subprotocol_reading parse_subprotocols(const request_view& request) {
    subprotocol_reading reading;
    reading.entries = split_entries(request);
    subprotocol_offer& offer = reading.offer;
    const auto carry = [&](std::string_view entry, const subprotocol_token& token) {
        reading.tokens.push_back(token);
        offer.token_entry = offer.token_entry.empty() ? entry : offer.token_entry;
    };
    const auto& entries = reading.entries;
    for (std::size_t index = 0; index < entries.size(); ++index) {
        const std::string_view entry = entries[index];
        if (is_marker(entry)) {
            offer.marker = offer.marker.empty() ? entry : offer.marker;
            if (index + 1 == entries.size() || is_marker(entries[index + 1])) {
                reading.tokens.push_back({.text = {}, .malformed = true});
                continue;
            }
            ++index;
            carry(entries[index], {.text = entries[index], .malformed = !is_token68(entries[index])});
        } else if (names_socket(entry)) {
            offer.socket_entry = offer.socket_entry.empty() ? entry : offer.socket_entry;
        } else if (const auto token = find_own_token(entry)) {
            carry(entry, *token);
        } else {
            offer.forwarded.push_back(entry);
        }
    }
    // An opaque token that stands once more without its marker is a token there too.
    // Sorted, since both lists are as long as the client likes.
    std::vector<std::string_view> texts;
    texts.reserve(reading.tokens.size());
    for (const subprotocol_token& token : reading.tokens) {
        texts.push_back(token.text);
    }
    std::ranges::sort(texts);
    std::erase_if(offer.forwarded, [&](std::string_view entry) { return std::ranges::binary_search(texts, entry); });
    offer.first = entries.empty() ? std::string_view{} : entries.front();
    return reading;
}

subprotocol_offer split_subprotocols(const request_view& request) {
    return parse_subprotocols(request).offer;
}

subprotocol_offer keep_subprotocols(const request_view& request) {
    subprotocol_reading reading = parse_subprotocols(request);
    std::erase_if(reading.entries, names_socket);
    reading.offer.forwarded = std::move(reading.entries);
    return reading.offer;
}

} // namespace bearward::policies::requests
