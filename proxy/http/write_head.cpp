#include "proxy/http/write_head.hpp"

#include <charconv>

namespace bearward::proxy::http {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view version = "HTTP/1.1";

char* put(char* at, std::string_view text) noexcept {
    return at + text.copy(at, text.size());
}

char* put(char* at, const header& field) noexcept {
    at = put(at, field.name);
    *at++ = ':';
    *at++ = ' ';
    at = put(at, field.value);
    *at++ = '\r';
    *at++ = '\n';
    return at;
}

/// Grows `out` once: by a start line of so many bytes, which `put_start` writes, and all that follows.
void write(const outgoing_head& head, const http1_fields& own, std::size_t start_size, const auto& put_start, std::string& out) {
    std::size_t size = start_size + line_end.size();
    visit_field_lines(head, own, [&size](const header& field) { size += field.name.size() + field.value.size() + 4; });
    const auto before = out.size();
    const auto after = before + size;
    // libstdc++ 12 gives the new capacity where it should give the size: its argument is not used.
    out.resize_and_overwrite(after, [&](char* text, std::size_t) {
        char* at = put_start(text + before);
        visit_field_lines(head, own, [&at](const header& field) { at = put(at, field); });
        put(at, line_end);
        return after;
    });
}

} // namespace

http1_fields::http1_fields(const outgoing_request& head) noexcept : host_{header{"Host", head.authority}}, host_count_(1) {
    set_framing(head);
    if (head.connection() == connection_use::websocket) {
        add_connection("Upgrade", "websocket");
        add_connection("Connection", "Upgrade");
        add_connection("Sec-WebSocket-Version", "13"); // RFC 6455 section 4.1
        add_connection("Sec-WebSocket-Key", head.websocket_proof());
    } else if (head.accepts_trailers) { // RFC 9110 section 10.1.4 wants both
        add_connection("TE", "trailers");
        add_connection("Connection", "TE");
    }
}

http1_fields::http1_fields(const outgoing_response& head) noexcept {
    set_framing(head);
    switch (head.connection()) {
    case connection_use::persists:
        break;
    case connection_use::kept_alive:
        add_connection("Connection", "keep-alive");
        break;
    case connection_use::closes:
        add_connection("Connection", "close");
        break;
    case connection_use::websocket:
        add_connection("Upgrade", "websocket");
        add_connection("Connection", "Upgrade");
        add_connection("Sec-WebSocket-Accept", head.websocket_proof());
        break;
    }
}

void http1_fields::set_framing(const outgoing_head& head) noexcept {
    if (head.framing() == body_framing::chunked) {
        framing_[framing_count_++] = {"Transfer-Encoding", "chunked"};
    } else if (head.framing() == body_framing::content_length) {
        const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), head.content_length()).ptr;
        framing_[framing_count_++] = {"Content-Length", {digits_.data(), static_cast<std::size_t>(end - digits_.data())}};
    }
}

void write_head(const outgoing_request& head, std::string& out) {
    const std::size_t size = head.method.size() + head.path.size() + (head.has_query ? head.query.size() + 1 : 0) + version.size() + 4;
    const auto put_start = [&head](char* at) {
        at = put(at, head.method);
        *at++ = ' ';
        at = put(at, head.path);
        if (head.has_query) {
            *at++ = '?';
            at = put(at, head.query);
        }
        *at++ = ' ';
        at = put(at, version);
        return put(at, line_end);
    };
    write(head, http1_fields(head), size, put_start, out);
}

void write_head(const outgoing_response& head, std::string& out) {
    const std::size_t size = version.size() + head.reason_phrase.size() + 7;
    const auto put_start = [&head](char* at) {
        at = put(at, version);
        *at++ = ' ';
        for (const unsigned place : {100U, 10U, 1U}) {
            *at++ = static_cast<char>('0' + head.status / place % 10);
        }
        *at++ = ' ';
        at = put(at, head.reason_phrase);
        return put(at, line_end);
    };
    write(head, http1_fields(head), size, put_start, out);
}

} // namespace bearward::proxy::http
