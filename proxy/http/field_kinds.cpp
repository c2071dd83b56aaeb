#include "proxy/http/field_kinds.hpp"

#include "proxy/http/syntax.hpp"

#include <algorithm>
#include <array>

namespace bearward::proxy::http {
namespace {

struct known_field {
    std::string_view name;
    request_field kind;
};

constexpr std::array known_request_fields{
    known_field{"te", request_field::never},
    known_field{"host", request_field::never},
    known_field{"expect", request_field::never},
    known_field{"trailer", request_field::never},
    known_field{"upgrade", request_field::never},
    known_field{"forwarded", request_field::forwarded},
    known_field{"x-real-ip", request_field::forwarded},
    known_field{"connection", request_field::never},
    known_field{"keep-alive", request_field::never},
    known_field{"x-request-id", request_field::never},
    known_field{"content-length", request_field::never},
    known_field{"http2-settings", request_field::never},
    known_field{"proxy-connection", request_field::never},
    known_field{"transfer-encoding", request_field::never},
    known_field{"proxy-authenticate", request_field::never},
    known_field{"proxy-authorization", request_field::never},
    known_field{"x-rewrite-url", request_field::rewrite},
    known_field{"x-original-url", request_field::rewrite},
    known_field{"x-http-method", request_field::rewrite},
    known_field{"x-method-override", request_field::rewrite},
    known_field{"x-http-method-override", request_field::rewrite},
    known_field{"sec-websocket-key", request_field::handshake},
    known_field{"sec-websocket-version", request_field::handshake},
    known_field{"sec-websocket-protocol", request_field::subprotocol},
};

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
constexpr std::uint64_t lengths_of(const auto& table, auto name_of) {
    std::uint64_t lengths = 0;
    for (const auto& entry : table) {
        lengths |= std::uint64_t{1} << name_of(entry).size();
    }
    return lengths;
}

constexpr auto request_lengths = lengths_of(known_request_fields, [](const known_field& field) { return field.name; });
constexpr auto response_lengths = lengths_of(dropped_response_fields, [](std::string_view name) { return name; });

constexpr bool has_length(std::uint64_t lengths, std::size_t size) noexcept {
    return size < 64 && ((lengths >> size) & 1U) != 0;
}

} // namespace

request_field classify_request_field(std::string_view name) noexcept {
    constexpr std::string_view forwarded_family = "x-forwarded-";
    if (has_length(request_lengths, name.size())) {
        for (const auto& field : known_request_fields) {
            if (equals_folded(name, field.name)) {
                return field.kind;
            }
        }
    }
    return equals_folded(name.substr(0, forwarded_family.size()), forwarded_family) ? request_field::forwarded : request_field::other;
}

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
