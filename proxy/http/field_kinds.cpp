#include "proxy/http/field_kinds.hpp"

#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <array>

namespace bearward::proxy::http {
namespace {

constexpr std::array<std::string_view, 12> dropped_response_fields{
    "te",
    "upgrade",
    "connection",
    "keep-alive",
    "x-request-id",
    "content-length",
    "http2-settings",
    "proxy-connection",
    "transfer-encoding",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-authentication-info",
};

constexpr std::array<std::string_view, 30> forbidden_trailers{
    // framing and routing
    "transfer-encoding", "content-length", "host", "connection", "keep-alive", "proxy-connection", "upgrade", "te", "trailer",
    // authentication, cookies, our own
    "authorization", "proxy-authorization", "proxy-authenticate", "www-authenticate", "set-cookie", "x-request-id",
    // response control
    "age", "cache-control", "expires", "date", "location", "retry-after", "vary", "warning", "pragma",
    // how the content is read
    "content-encoding", "content-type", "content-range", "content-disposition", "content-security-policy", "strict-transport-security"};

/// The lengths that occur in a table, as bits: most names are settled by theirs.
constexpr std::uint64_t lengths_of(const auto& table) {
    std::uint64_t lengths = 0;
    for (const std::string_view name : table) {
        lengths |= std::uint64_t{1} << name.size();
    }
    return lengths;
}

constexpr auto response_lengths = lengths_of(dropped_response_fields);

constexpr bool has_length(std::uint64_t lengths, std::size_t size) noexcept {
    return size < 64 && ((lengths >> size) & 1U) != 0;
}

} // namespace

response_field classify_response_field(std::string_view name) noexcept {
    if (equals_lower(name, "date")) {
        return response_field::date;
    }
    if (equals_lower(name, "trailer")) {
        return response_field::trailer;
    }
    const bool dropped = has_length(response_lengths, name.size()) &&
                         std::ranges::any_of(dropped_response_fields, [&](std::string_view other) { return equals_folded(name, other); });
    return dropped ? response_field::never : response_field::other;
}

bool may_be_trailer(std::string_view name) noexcept {
    return std::ranges::none_of(forbidden_trailers, [&](std::string_view other) { return equals_folded(name, other); });
}

} // namespace bearward::proxy::http
