#include "proxy/http/head_gate.hpp"

#include "proxy/http/authority.hpp"
#include "proxy/http/syntax.hpp"

#include <limits>
#include <optional>

namespace bearward::proxy::http {
namespace {

constexpr head_outcome complete{.state = head_state::complete};

void note_connection(std::string_view list, gate_notes& notes) noexcept {
    while (!list.empty()) {
        const auto member = take_member(list);
        notes.close |= equals_lower(member, "close");
        notes.keep_alive |= equals_lower(member, "keep-alive");
    }
}

/// 1*DIGIT up to 2^63 - 1: no sign, no list, nothing else.
std::optional<std::uint64_t> parse_length(std::string_view text) noexcept {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char byte : text) {
        if (!is(byte, digit_byte)) {
            return std::nullopt;
        }
        const auto digit = static_cast<std::uint64_t>(byte - '0');
        if (value > (most - digit) / 10) {
            return std::nullopt;
        }
        value = value * 10 + digit;
    }
    return value;
}

/// The one length that all members of all Content-Length fields give (RFC 9112 section 6.3).
std::optional<std::uint64_t> common_length(const std::vector<header>& fields) noexcept {
    std::optional<std::uint64_t> common;
    for (const auto& field : fields) {
        if (!equals_lower(field.name, "content-length")) {
            continue;
        }
        auto list = field.value;
        do {
            // A comma at the end leaves an empty member behind it, which is malformed.
            const bool more = list.contains(',');
            const auto length = parse_length(take_member(list));
            if (!length || (common && *common != *length) || (more && list.empty())) {
                return std::nullopt;
            }
            common = length;
        } while (!list.empty());
    }
    return common;
}

/// Sets `framing` to chunked, content_length or none. The error says what is wrong.
/// A response may repeat its length, and have one beside the chunked coding, which counts.
std::optional<std::string_view> read_framing(const gate_notes& notes, message_head& head, bool response) noexcept {
    head.framing = body_framing::none;
    head.content_length = 0;
    const auto lengths = notes.content_lengths;
    auto length = parse_length(notes.content_length);
    if (response && (lengths > 1 || (lengths == 1 && !length))) {
        length = common_length(head.fields);
    }
    if (response && lengths != 0 && !length) {
        return "malformed or different Content-Length";
    }
    if (notes.transfer_encodings != 0) {
        if (lengths != 0 && !response) {
            return "Content-Length with Transfer-Encoding";
        }
        if (notes.transfer_encodings != 1 || !equals_lower(notes.transfer_encoding, "chunked")) {
            return "Transfer-Encoding other than one chunked";
        }
        if (head.minor_version == 0) {
            return "Transfer-Encoding in HTTP/1.0";
        }
        head.framing = body_framing::chunked;
        return std::nullopt;
    }
    if (lengths != 0) {
        if (!length || (lengths != 1 && !response)) {
            return lengths != 1 ? "repeated Content-Length" : "malformed Content-Length";
        }
        head.framing = body_framing::content_length;
        head.content_length = *length;
    }
    return std::nullopt;
}

bool wants_keep_alive(const gate_notes& notes, unsigned minor_version) noexcept {
    return !notes.close && (minor_version != 0 || notes.keep_alive);
}

} // namespace

void note_field(const header& field, gate_notes& notes) noexcept {
    const auto name = field.name;
    switch (name.size()) {
    case 2:
        if (equals_lower(name, "te")) {
            for (auto list = field.value; !list.empty();) {
                notes.accepts_trailers |= equals_lower(take_member(list), "trailers");
            }
        }
        break;
    case 4:
        if (equals_lower(name, "host")) {
            ++notes.hosts;
            notes.host = field.value;
        }
        break;
    case 6:
        if (equals_lower(name, "expect")) {
            const bool known = equals_lower(field.value, "100-continue");
            notes.expects_continue |= known;
            notes.expects_other |= !known;
        }
        break;
    case 10:
        if (equals_lower(name, "connection")) {
            note_connection(field.value, notes);
        }
        break;
    case 14:
        if (equals_lower(name, "content-length")) {
            ++notes.content_lengths;
            notes.content_length = field.value;
        }
        break;
    case 17:
        if (equals_lower(name, "transfer-encoding")) {
            ++notes.transfer_encodings;
            notes.transfer_encoding = field.value;
        }
        break;
    default:
        break;
    }
}

head_outcome check_request(const gate_notes& notes, std::string_view target_authority, request_head& head) {
    if (const auto wrong = read_framing(notes, head, false)) {
        return refuse_request(400, *wrong);
    }
    if (notes.hosts > 1) {
        return refuse_request(400, "repeated Host");
    }
    head.host.clear();
    head.authority.clear();
    if (notes.hosts == 0 && head.minor_version != 0) {
        return refuse_request(400, "no Host");
    }
    // Judged even where the absolute form replaces it: others on the way may read it.
    if (notes.hosts != 0 && !parse_authority(notes.host, head.host, head.authority)) {
        return refuse_request(400, "malformed Host");
    }
    if (target_authority.data() != nullptr && !parse_authority(target_authority, head.host, head.authority)) {
        return refuse_request(400, "malformed authority in the target");
    }
    head.keep_alive = wants_keep_alive(notes, head.minor_version);
    // RFC 9110 section 10.1.1: a 100-continue expectation in HTTP/1.0 is ignored.
    head.expects_continue = notes.expects_continue && head.minor_version != 0;
    head.accepts_trailers = notes.accepts_trailers && head.minor_version != 0;
    auto outcome = complete;
    if (head.method == "TRACE") {
        outcome = refuse_request(405, "TRACE");
        outcome.recoverable = true;
    } else if (notes.expects_other) {
        outcome = refuse_request(417, "an expectation other than 100-continue");
        outcome.recoverable = true;
    }
    return outcome;
}

head_outcome check_response(const gate_notes& notes, std::string_view request_method, response_head& head) noexcept {
    if (const auto wrong = read_framing(notes, head, true)) {
        return refuse_response(*wrong);
    }
    // With two lengths it is anyone's guess which one the server kept to.
    const bool two_lengths = notes.transfer_encodings != 0 && notes.content_lengths != 0;
    head.keep_alive = wants_keep_alive(notes, head.minor_version) && !two_lengths;
    const bool announces_body = head.framing == body_framing::chunked || head.content_length != 0;
    if (head.status < 200) {
        if (announces_body) {
            return refuse_response("a body announced in 1xx");
        }
        head.framing = body_framing::none;
    } else if (head.status == 204) {
        // Such servers exist; whether the bytes follow is anyone's guess, so the
        // connection serves no other request.
        head.keep_alive = head.keep_alive && !announces_body;
        head.framing = body_framing::none;
    } else if (head.status == 304 || request_method == "HEAD") {
        head.framing = body_framing::none;
    } else if (head.framing == body_framing::none) {
        head.framing = body_framing::until_close;
        head.keep_alive = false;
    }
    return complete;
}

} // namespace bearward::proxy::http
