// A message head as views into the bytes it was read into: no allocation per
// field (RFC 9112 sections 2-6). Filled by parse_request_head and
// parse_response_head; an object is reused from message to message.
//
// The parser is a strict tokeniser of our own, one pass, and not Beast's
// basic_parser behind a gate: the gate would have to find every line, name and
// value itself to judge the raw bytes (Beast unfolds obs-fold, takes bare white
// space and unknown codings), so that a second tokeniser could only cost time
// and disagree with the first. Verdicts depend on the bytes in order alone, so
// they are the same however a head was cut into reads.
#pragma once

#include "policies/reason.hpp"
#include "policies/requests/request_view.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::http {

using policies::requests::header;

/// How the body of a message is delimited (RFC 9112 section 6.3).
enum class body_framing : std::uint8_t {
    none,
    content_length,
    chunked,
    until_close, ///< responses only
};

/// What request and response heads have in common.
struct message_head {
    std::vector<header> fields; ///< in order, without trailers
    std::size_t size = 0;       ///< bytes of the head, final empty line included
    unsigned minor_version = 1; ///< HTTP/1.x
    body_framing framing = body_framing::none;
    std::uint64_t content_length = 0; ///< with body_framing::content_length
    bool keep_alive = true;           ///< the sender is willing to reuse the connection
};

struct request_head : message_head {
    std::string_view method;
    std::string_view target; ///< as received
    std::string_view path;   ///< raw: origin form or that of the absolute form; "/" for `OPTIONS *`
    std::string_view query;  ///< raw, without `?`
    bool has_query = false;  ///< there was a `?`, maybe with nothing after it
    bool asterisk = false;   ///< `OPTIONS *`
    std::string host;        ///< lower-case, without port and one trailing dot; "" in HTTP/1.0 without Host
    std::string authority;   ///< host and port as forwarded in Host: lower-case, no trailing dot
    bool expects_continue = false;
    bool accepts_trailers = false; ///< TE: trailers

    /// The value of the first field of this name; empty view with null data when absent.
    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;
};

struct response_head : message_head {
    unsigned status = 0;
    std::string_view reason_phrase;

    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;
};

struct head_limits {
    std::size_t max_head = std::size_t{32} * 1024;   ///< bytes of the whole head
    std::size_t max_target = std::size_t{16} * 1024; ///< bytes of the request target
    std::size_t max_headers = 128;
};

enum class head_state : std::uint8_t { incomplete, complete, refused };

/// The outcome of a parse. `status`, `why` and `detail` are set when refused:
/// 400 bad_request, 405 method_not_allowed, 414/431 limit_exceeded, 417 and 505
/// bad_request. `detail` is for the log: what is wrong, in a few words.
struct head_outcome {
    head_state state = head_state::incomplete;
    unsigned status = 0;
    policies::reason why = policies::reason::ok;
    std::string_view detail{};
    /// Whether the connection may go on after the answer (405 to TRACE, 417);
    /// false: the framing can't be trusted, answer and close.
    bool recoverable = false;
};

/// Parses and judges the request head at the start of `buffer` (proxy/BEHAVIOUR.md 1
/// and the form of the target in 1.15). Views in `head` point into `buffer`. One
/// empty line before the request line is skipped (counted in `size`). Incomplete:
/// call again with more bytes; `head` is unspecified until then, and what is
/// known to be wrong or over a limit is refused before the head is whole.
/// `scanned`, if given, starts at 0 for each head and makes repeated calls cheap:
/// most heads that came in parts are read once, and a head that comes byte by
/// byte is not read anew for each byte; what is wrong may then be refused only at
/// the next line end. Pass the same buffer, only longer.
[[nodiscard]] head_outcome parse_request_head(std::string_view buffer, const head_limits& limits, request_head& head,
                                              std::size_t* scanned = nullptr);

/// `detail` of a request that is over max_head, max_target or max_headers.
inline constexpr std::string_view request_head_too_large = "request head too large";
inline constexpr std::string_view request_target_too_long = "request target too long";
inline constexpr std::string_view too_many_fields = "too many fields";
/// `detail` of a response head that is over max_head.
inline constexpr std::string_view response_head_too_large = "response head too large";

/// The twin for responses. More is understood, since it is framed anew: equal
/// Content-Lengths, one beside `chunked` (which counts), any status up to 999. The
/// rest is as strict, since an upstream's ambiguous framing could desynchronise a
/// pooled connection. `request_method` decides whether there is a body (HEAD; 1xx,
/// 204, 304). Refused: 502, upstream_error.
[[nodiscard]] head_outcome parse_response_head(std::string_view buffer, const head_limits& limits, std::string_view request_method,
                                               response_head& head, std::size_t* scanned = nullptr);

} // namespace bearward::proxy::http
