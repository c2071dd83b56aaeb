// What went wrong with a request or between two connections, in words for people: the log's `cause`.
#pragma once

#include "proxy/http/body_pump.hpp"
#include "proxy/http/head.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// `detail`: the parser's.
[[nodiscard]] std::string describe_head_fault(std::string_view detail, const http::head_limits& limits);
/// The twin for requests.
[[nodiscard]] std::string describe_refused_head(std::string_view detail, const http::head_limits& limits);
/// A request whose head did not come in time.
[[nodiscard]] std::string describe_late_head(std::chrono::milliseconds waited);
/// A body whose Content-Length is over the route's max_body.
[[nodiscard]] std::string describe_long_body(std::uint64_t length, std::uint64_t most);
/// The server's connection ended before a whole head. `nothing`: no byte of one came. `error`: errno; 0: an orderly end.
[[nodiscard]] std::string describe_early_end(bool nothing, int error);
/// `fault`: of the response's body; `error` as above.
[[nodiscard]] std::string describe_body_fault(http::body_status fault, int error);
[[nodiscard]] std::string describe_silent_server(std::chrono::milliseconds waited);
[[nodiscard]] std::string describe_stalled_server(std::chrono::milliseconds waited);
[[nodiscard]] std::string describe_silent_client(std::chrono::milliseconds waited);
[[nodiscard]] std::string describe_stalled_client(std::chrono::milliseconds waited);

} // namespace bearward::proxy
