// Writes outgoing heads as HTTP/1.1 (RFC 9112 sections 2-6): the one place that
// knows which lines say the framing and the use of the connection. Names and values
// are written as they are: who adds a field answers for its syntax.
#pragma once

#include "proxy/http/outgoing_head.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bearward::proxy::http {

/// Appends the whole head, its final empty line included.
void write_head(const outgoing_request& head, std::string& out);
void write_head(const outgoing_response& head, std::string& out);

/// What an outgoing head says in values, as HTTP/1.1 says it in fields. Holds views
/// into the head and into itself.
class http1_fields {
public:
    explicit http1_fields(const outgoing_request& head) noexcept;
    explicit http1_fields(const outgoing_response& head) noexcept;
    http1_fields(const http1_fields&) = delete;
    http1_fields& operator=(const http1_fields&) = delete;

    [[nodiscard]] std::span<const header> host() const noexcept { return {host_.data(), host_count_}; }
    [[nodiscard]] std::span<const header> framing() const noexcept { return {framing_.data(), framing_count_}; }
    [[nodiscard]] std::span<const header> connection() const noexcept { return {connection_.data(), connection_count_}; }

private:
    void set_framing(const outgoing_head& head) noexcept;
    void add_connection(std::string_view name, std::string_view value) noexcept { connection_[connection_count_++] = {name, value}; }

    std::array<header, 1> host_;
    std::array<header, 1> framing_;
    std::array<header, 4> connection_;
    std::array<char, 20> digits_{}; ///< of the largest 64-bit number
    std::size_t host_count_ = 0;
    std::size_t framing_count_ = 0;
    std::size_t connection_count_ = 0;
};

/// Calls `see(header)` for each line between the start line and the empty line, in
/// their order.
template <class visitor>
void visit_field_lines(const outgoing_head& head, const http1_fields& own, const visitor& see) {
    const std::span<const header> fields = head.fields();
    const std::size_t framing_at = head.framing_position();
    const std::size_t connection_at = head.connection_position();
    std::ranges::for_each(own.host(), see);
    std::ranges::for_each(fields.first(framing_at), see);
    std::ranges::for_each(own.framing(), see);
    std::ranges::for_each(fields.subspan(framing_at, connection_at - framing_at), see);
    std::ranges::for_each(own.connection(), see);
    std::ranges::for_each(fields.subspan(connection_at), see);
}

} // namespace bearward::proxy::http
