#include "tests/support/messages.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <stdexcept>

namespace bearward::test {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

std::size_t parse_size(std::string_view text, int base) {
    std::size_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value, base).ec != std::errc{}) {
        throw std::runtime_error("not a size: " + std::string(text));
    }
    return value;
}

void read_chunks(raw_socket& from, message& into) {
    while (true) {
        const auto size = parse_size(from.receive_until("\r\n"), 16);
        if (size == 0) {
            break;
        }
        into.body += from.receive_exactly(size);
        if (from.receive_exactly(2) != "\r\n") {
            throw std::runtime_error("a chunk does not end");
        }
    }
    for (auto line = from.receive_until("\r\n"); line != "\r\n"; line = from.receive_until("\r\n")) {
        into.trailers += line;
    }
}

} // namespace

int message::status() const {
    return head.size() < 12 ? 0 : static_cast<int>(parse_size(std::string_view(head).substr(9, 3), 10));
}

std::vector<std::string> message::fields(std::string_view name) const {
    std::vector<std::string> values;
    std::string_view rest = head;
    while (!rest.empty()) {
        const auto end = rest.find("\r\n");
        const auto line = rest.substr(0, end);
        rest.remove_prefix(std::min(rest.size(), end + 2));
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && equal(line.substr(0, colon), name)) {
            const auto value = line.substr(colon + 1);
            values.emplace_back(value.substr(std::min(value.size(), value.find_first_not_of(' '))));
        }
    }
    return values;
}

std::string message::dateless() const {
    const auto at = head.find("\r\nDate: ");
    return at == std::string::npos ? head : head.substr(0, at) + head.substr(head.find("\r\n", at + 2));
}

std::string message::field(std::string_view name) const {
    const auto values = fields(name);
    return values.empty() ? "" : values.size() == 1 ? values.front() : "(repeated)";
}

message read_request(raw_socket& from) {
    message got{.head = from.receive_until("\r\n\r\n"), .body = {}, .trailers = {}};
    if (got.field("Transfer-Encoding") == "chunked") {
        read_chunks(from, got);
    } else if (const auto length = got.field("Content-Length"); !length.empty()) {
        got.body = from.receive_exactly(parse_size(length, 10));
    }
    return got;
}

message read_response(raw_socket& from, std::string_view method) {
    message got{.head = from.receive_until("\r\n\r\n"), .body = {}, .trailers = {}};
    const int status = got.status();
    if (method == "HEAD" || status < 200 || status == 204 || status == 304) {
        return got;
    }
    if (got.field("Transfer-Encoding") == "chunked") {
        read_chunks(from, got);
    } else if (const auto length = got.field("Content-Length"); !length.empty()) {
        got.body = from.receive_exactly(parse_size(length, 10));
    } else {
        got.body = from.receive_to_end();
    }
    return got;
}

std::string ok(std::string_view body, std::string_view fields) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view body, std::size_t size, std::string_view trailers) {
    std::string text;
    while (!body.empty()) {
        const auto piece = body.substr(0, size);
        std::array<char, 16> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
        text.append(digits.data(), end).append("\r\n").append(piece).append("\r\n");
        body.remove_prefix(piece.size());
    }
    return text.append("0\r\n").append(trailers).append("\r\n");
}

std::string random_bytes(std::size_t count, unsigned seed) {
    std::mt19937 generator{seed};
    std::string bytes(count, '\0');
    std::ranges::generate(bytes, [&] { return static_cast<char>(generator() & 0xFFU); });
    return bytes;
}

} // namespace bearward::test
