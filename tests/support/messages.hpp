// HTTP messages as a test reads them from a raw socket: the head as received,
// the body decoded. Naive on purpose: it shares no code with what it tests.
#pragma once

#include "tests/support/raw_socket.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bearward::test {

struct message {
    std::string head; ///< start line and fields, with the final empty line
    std::string body; ///< decoded
    std::string trailers;

    /// The status of a response.
    [[nodiscard]] int status() const;
    /// The values of all fields of this name (any case), in order.
    [[nodiscard]] std::vector<std::string> fields(std::string_view name) const;
    /// The head without its Date, which differs from second to second.
    [[nodiscard]] std::string dateless() const;
    /// The value of the only field of this name; "" when absent, "(repeated)" when there are more.
    [[nodiscard]] std::string field(std::string_view name) const;
};

/// Reads a request with its body.
[[nodiscard]] message read_request(raw_socket& from);
/// Reads a response with its body. `method`: that of the request.
[[nodiscard]] message read_response(raw_socket& from, std::string_view method = "GET");
/// "HTTP/1.1 200 OK" with a Content-Length and this body; `fields` are whole lines.
[[nodiscard]] std::string ok(std::string_view body, std::string_view fields = "");
/// Chunks of `size` bytes, and the last one; `trailers` are whole lines.
[[nodiscard]] std::string chunked(std::string_view body, std::size_t size, std::string_view trailers = "");
/// Bytes that don't repeat soon, the same for the same seed.
[[nodiscard]] std::string random_bytes(std::size_t count, unsigned seed);

} // namespace bearward::test
