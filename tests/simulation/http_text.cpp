#include "tests/simulation/http_text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace bearward::simulation {
namespace {

/// Eight bytes of a body.
std::uint64_t word_of(std::uint64_t of, std::size_t place) noexcept {
    return ((of * 0x9e3779b97f4a7c15ULL) ^ (place * 0xd1342543de82ef95ULL)) * 0xbf58476d1ce4e5b9ULL;
}

char byte_of(std::uint64_t word, std::size_t place) noexcept {
    return static_cast<char>('a' + (word >> (8 * (place % 8)) & 15));
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
    return text;
}

std::optional<std::size_t> parse_number(std::string_view text, int base) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

} // namespace

std::string make_body(std::uint64_t of, std::size_t size) {
    std::string body(size, '\0');
    std::uint64_t word = 0;
    for (std::size_t place = 0; place < size; ++place) {
        word = place % 8 == 0 ? word_of(of, place) : word;
        body[place] = byte_of(word, place);
    }
    return body;
}

bool begins_body(std::uint64_t of, std::string_view bytes) {
    std::uint64_t word = 0;
    for (std::size_t place = 0; place < bytes.size(); ++place) {
        word = place % 8 == 0 ? word_of(of, place) : word;
        if (bytes[place] != byte_of(word, place)) {
            return false;
        }
    }
    return true;
}

std::string make_chunks(std::string_view body, choices& random) {
    std::string text;
    while (!body.empty()) {
        const std::size_t size = random.percent(60) ? body.size() : random.between(1, body.size());
        std::array<char, 16> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
        text.append(digits.data(), end).append("\r\n").append(body.substr(0, size)).append("\r\n");
        body.remove_prefix(size);
    }
    return text;
}

std::string make_last_chunk(choices& random) {
    return random.one_in(10) ? "0\r\nX-User-Id: root\r\nX-Checksum: 1\r\n\r\n" : "0\r\n\r\n";
}

std::string message::field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string{} : found->second;
}

int message::status() const {
    return start.size() < 12 ? 0 : static_cast<int>(parse_number(start.substr(9, 3), 10).value_or(0));
}

std::string message::method() const {
    return start.substr(0, start.find(' '));
}

std::string message::target() const {
    const auto first = start.find(' ') + 1;
    return start.substr(first, start.find(' ', first) - first);
}

task<bool> message_reader::more() {
    auto bytes = co_await from_.receive();
    rest_ += bytes;
    co_return !bytes.empty();
}

task<std::optional<std::string>> message_reader::read_until(std::string end) {
    std::size_t place = 0;
    while ((place = rest_.find(end)) == std::string::npos) {
        const bool came = co_await more();
        if (!came) {
            co_return std::nullopt;
        }
    }
    auto text = rest_.substr(0, place);
    rest_.erase(0, place + end.size());
    co_return text;
}

task<message> message_reader::read_head() {
    message read;
    auto head = co_await read_until("\r\n\r\n");
    if (!head) {
        co_return read;
    }
    std::size_t line = head->find("\r\n");
    read.start = head->substr(0, line);
    while (line != std::string::npos) {
        const std::size_t begin = line + 2;
        line = head->find("\r\n", begin);
        const auto text = head->substr(begin, line == std::string::npos ? line : line - begin);
        const auto colon = text.find(": ");
        if (colon == std::string::npos) {
            kernel_.fault("a field without a colon: " + text);
            continue;
        }
        read.fields[lower(text.substr(0, colon))] = text.substr(colon + 2);
    }
    read.how = completeness::cut;
    co_return read;
}

task<> message_reader::read_chunks(message& of) {
    while (true) {
        const auto line = co_await read_until("\r\n");
        if (!line) {
            co_return;
        }
        const auto size = parse_number(*line, 16);
        if (!size) {
            kernel_.fault("a chunk size that is none: " + *line);
            co_return;
        }
        while (rest_.size() < *size + 2) {
            const bool came = co_await more();
            if (!came) {
                of.body.append(rest_, 0, std::min(rest_.size(), *size));
                co_return;
            }
        }
        of.body.append(rest_, 0, *size);
        if (rest_.compare(*size, 2, "\r\n") != 0) {
            kernel_.fault("a chunk that does not end");
        }
        rest_.erase(0, *size + 2);
        if (*size == 0) {
            of.how = completeness::whole;
            co_return;
        }
    }
}

task<> message_reader::read_body(message& of, bool response, const std::string& method) {
    const int status = response ? of.status() : 0;
    const bool bodiless = response && (method == "HEAD" || status == 204 || status == 304 || status == 101);
    if (!bodiless && lower(of.field("transfer-encoding")) == "chunked") {
        co_await read_chunks(of);
        co_return;
    }
    const auto length = of.fields.find("content-length");
    if (bodiless || (length == of.fields.end() && !response)) {
        of.how = completeness::whole;
        co_return;
    }
    if (length == of.fields.end()) {
        of.by_end = true;
        of.body = take_rest();
        for (bool came = true; came;) {
            came = co_await more();
            of.body += take_rest();
        }
        of.how = from_.is_broken() ? completeness::cut : completeness::whole;
        co_return;
    }
    const std::size_t size = parse_number(length->second, 10).value_or(0);
    while (rest_.size() < size) {
        const bool came = co_await more();
        if (!came) {
            of.body = take_rest();
            co_return;
        }
    }
    of.body = rest_.substr(0, size);
    rest_.erase(0, size);
    of.how = completeness::whole;
}

task<message> message_reader::read_request() {
    auto read = co_await read_head();
    if (read.how != completeness::none) {
        co_await read_body(read, false, "");
    }
    co_return read;
}

task<message> message_reader::read_response(std::string method) {
    while (true) {
        auto read = co_await read_head();
        if (read.how == completeness::none) {
            co_return read;
        }
        if (!read.start.starts_with("HTTP/1.") || read.status() == 0) {
            kernel_.fault("not the first line of a response: " + read.start);
            co_return read;
        }
        if (read.status() >= 200 || read.status() == 101) {
            co_await read_body(read, true, method);
            co_return read;
        }
    }
}

} // namespace bearward::simulation
