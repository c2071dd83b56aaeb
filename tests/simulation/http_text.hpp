// HTTP/1.1 as the actors speak it. Naive on purpose: it shares no code with what it tests.
#pragma once

#include "tests/simulation/peer.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace bearward::simulation {

/// `size` bytes of a body that no other has: which byte stands where follows from `of`.
[[nodiscard]] std::string make_body(std::uint64_t of, std::size_t size);
/// Whether `bytes` is a beginning of make_body(of, ...).
[[nodiscard]] bool begins_body(std::uint64_t of, std::string_view bytes);
/// `body` in chunks of any size, without the last one.
[[nodiscard]] std::string make_chunks(std::string_view body, choices& random);

/// The one of size 0, with trailers now and then: identity that nobody may believe.
[[nodiscard]] std::string make_last_chunk(choices& random);

/// How a message went.
enum class completeness { whole, cut, none };

struct message {
    std::string start;                         ///< its first line
    std::map<std::string, std::string> fields; ///< by lower-case name; of equal ones the last
    std::string body;
    completeness how = completeness::none; ///< none: not even a head
    bool by_end = false;                   ///< the end of the connection ended the body

    [[nodiscard]] std::string field(const std::string& name) const;
    [[nodiscard]] int status() const; ///< of a response
    [[nodiscard]] std::string method() const;
    [[nodiscard]] std::string target() const;
};

/// Reads the messages of one direction of a connection.
class message_reader {
public:
    /// Whose faults are reported: what comes has to be HTTP.
    message_reader(kernel& of, peer& from) : kernel_(of), from_(from) {}

    /// A request with its body.
    [[nodiscard]] task<message> read_request();
    /// A request's head alone; its body comes with read_body().
    [[nodiscard]] task<message> read_head();
    [[nodiscard]] task<> read_body(message& of, bool response, const std::string& method);
    /// A final response, or a 101; `method` of its request.
    [[nodiscard]] task<message> read_response(std::string method);
    /// Whatever has been read beyond the last message.
    [[nodiscard]] std::string take_rest() { return std::exchange(rest_, {}); }
    [[nodiscard]] bool has_rest() const noexcept { return !rest_.empty(); }

private:
    [[nodiscard]] task<bool> more();
    [[nodiscard]] task<std::optional<std::string>> read_until(std::string end);
    [[nodiscard]] task<> read_chunks(message& of);

    kernel& kernel_;
    peer& from_;
    std::string rest_;
};

} // namespace bearward::simulation
