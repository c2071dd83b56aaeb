#include "proxy/websocket/handshake.hpp"

#include "policies/ascii.hpp"
#include "proxy/http/syntax.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <span>

namespace bearward::proxy::websocket {

namespace {

using http::header;
using policies::equal_ignoring_case;

/// Whether a comma-separated list holds a word, in any case.
bool list_holds(std::string_view list, std::string_view word) noexcept {
    while (true) {
        const bool last = !list.contains(',');
        if (equal_ignoring_case(http::take_member(list), word)) {
            return true;
        }
        if (last) {
            return false;
        }
    }
}

/// The same over all fields of a name: repeated lines are one list (RFC 9110 section 5.3).
bool fields_hold(std::span<const header> fields, std::string_view name, std::string_view word) noexcept {
    return std::ranges::any_of(
        fields, [name, word](const header& field) { return equal_ignoring_case(field.name, name) && list_holds(field.value, word); });
}

/// The fields of one name that may stand only once.
struct single_field {
    std::size_t count = 0;
    std::string_view value;
};

single_field find_single(std::span<const header> fields, std::string_view name) noexcept {
    single_field found;
    for (const header& field : fields) {
        if (equal_ignoring_case(field.name, name)) {
            ++found.count;
            found.value = field.value;
        }
    }
    return found;
}

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// 16 bytes in base64: 22 characters and two of padding. The bits left over in
/// the last character are not looked at: the key is echoed as text, never decoded.
bool is_valid_key(std::string_view key) noexcept {
    constexpr std::size_t digits = 22;
    return key.size() == digits + 2 && key.ends_with("==") &&
           key.substr(0, digits).find_first_not_of(base64_alphabet) == std::string_view::npos;
}

std::string encode_base64(std::span<const unsigned char> bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            group = (group << 8U) | (index < have ? bytes[at + index] : 0U);
        }
        for (std::size_t digit = 0; digit < 4; ++digit) {
            text.push_back(digit <= have ? base64_alphabet[(group >> (18U - 6U * digit)) & 0x3FU] : '=');
        }
    }
    return text;
}

/// Fields of the upstream's 101 that are written anew or concern one hop only
/// (RFC 9110 sections 7.6.1 and 8.6, RFC 9112 section 6.1).
bool is_written_anew(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 14> names{
        "Connection",
        "Upgrade",
        "Keep-Alive",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "TE",
        "Trailer",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Accept",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Key",
        "X-Request-Id",
    };
    return std::ranges::any_of(names, [name](std::string_view known) { return equal_ignoring_case(known, name); });
}

} // namespace

upgrade classify_upgrade(const http::request_head& head) noexcept {
    // What does not ask for an upgrade is an ordinary request, whose Upgrade is dropped.
    if (head.method != "GET" || head.minor_version < 1 || !fields_hold(head.fields, "Upgrade", "websocket") ||
        !fields_hold(head.fields, "Connection", "upgrade")) {
        return upgrade::none;
    }
    const bool has_body =
        head.framing == http::body_framing::content_length ? head.content_length != 0 : head.framing != http::body_framing::none;
    if (has_body) {
        return upgrade::malformed;
    }
    const single_field version = find_single(head.fields, "Sec-WebSocket-Version");
    if (version.count > 1) {
        return upgrade::malformed;
    }
    if (version.value != "13") {
        return upgrade::bad_version;
    }
    const single_field key = find_single(head.fields, "Sec-WebSocket-Key");
    return key.count == 1 && is_valid_key(key.value) ? upgrade::websocket : upgrade::malformed;
}

std::string make_accept(std::string_view key) {
    std::string text{key};
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 section 1.3
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    std::string_view bytes = text;
    SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return encode_base64(digest);
}

std::expected<std::string_view, std::string_view> check_upstream_handshake(const http::response_head& head, std::string_view key,
                                                                           const policies::requests::subprotocol_offer& offer) {
    if (head.status != 101 || head.minor_version < 1) {
        return std::unexpected{"not a 101 of HTTP/1.1"};
    }
    // A server names the one protocol it switches to: a list is refused (RFC 6455 section 4.1).
    const single_field protocol = find_single(head.fields, "Upgrade");
    if (protocol.count != 1 || !equal_ignoring_case(protocol.value, "websocket")) {
        return std::unexpected{"Upgrade is not websocket"};
    }
    if (!fields_hold(head.fields, "Connection", "upgrade")) {
        return std::unexpected{"Connection does not hold upgrade"};
    }
    const single_field accept = find_single(head.fields, "Sec-WebSocket-Accept");
    if (accept.count != 1 || accept.value != make_accept(key)) {
        return std::unexpected{"Sec-WebSocket-Accept is missing, repeated or wrong"};
    }
    const single_field subprotocol = find_single(head.fields, "Sec-WebSocket-Protocol");
    if (subprotocol.count == 0) {
        return std::string_view{};
    }
    if (subprotocol.count != 1 || std::ranges::find(offer.forwarded, subprotocol.value) == offer.forwarded.end()) {
        return std::unexpected{"Sec-WebSocket-Protocol is repeated or was not offered"};
    }
    return subprotocol.value;
}

std::string_view choose_subprotocol(const policies::requests::subprotocol_offer& offer, std::string_view upstream_choice) noexcept {
    if (!upstream_choice.empty()) {
        return upstream_choice;
    }
    if (!offer.marker.empty()) {
        return offer.marker;
    }
    return offer.socket_entry.empty() ? offer.token_entry : offer.socket_entry;
}

std::string_view choose_rejection_subprotocol(const policies::requests::subprotocol_offer& offer) noexcept {
    const std::string_view answer = choose_subprotocol(offer, {});
    return answer.empty() ? offer.first : answer;
}

void make_client_handshake(std::string_view key, std::string_view subprotocol, std::string_view request_id,
                           const http::response_head* upstream, const policies::rules::header_changes* changes,
                           http::outgoing_response& out) {
    out.clear();
    out.status = 101;
    out.reason_phrase = "Switching Protocols";
    std::string& accept = out.make_text();
    accept = make_accept(key);
    out.set_websocket(accept);
    if (!subprotocol.empty()) {
        out.add("Sec-WebSocket-Protocol", subprotocol);
    }
    out.add("X-Request-Id", request_id);
    if (upstream != nullptr) {
        for (const header& field : upstream->fields) {
            const bool dropped = is_written_anew(field.name) || fields_hold(upstream->fields, "Connection", field.name) ||
                                 (changes != nullptr && changes->drops(field.name));
            if (!dropped) {
                out.add(field.name, field.value);
            }
        }
    }
    if (changes != nullptr) {
        for (const auto& field : changes->added) {
            out.add(field.name, field.value);
        }
    }
}

} // namespace bearward::proxy::websocket
