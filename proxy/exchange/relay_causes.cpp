#include "proxy/exchange/relay_causes.hpp"

#include "proxy/duration_text.hpp"

#include <system_error>

namespace bearward::proxy {
namespace {

std::string describe_size(std::size_t bytes) {
    const bool whole = bytes % 1024 == 0;
    return std::to_string(whole ? bytes / 1024 : bytes) + (whole ? " KiB" : " bytes");
}

/// ": Connection reset by peer", or nothing.
std::string with_error(int error) {
    return error == 0 ? std::string{} : ": " + std::generic_category().message(error);
}

} // namespace

std::string describe_head_fault(std::string_view detail, const http::head_limits& limits) {
    if (detail != http::response_head_too_large) {
        return "response: " + std::string(detail);
    }
    return "response head over " + describe_size(limits.max_head);
}

std::string describe_refused_head(std::string_view detail, const http::head_limits& limits) {
    if (detail == http::request_head_too_large) {
        return "request head over " + describe_size(limits.max_head);
    }
    if (detail == http::request_target_too_long) {
        return "request target over " + describe_size(limits.max_target);
    }
    if (detail == http::too_many_fields) {
        return "more than " + std::to_string(limits.max_headers) + " fields";
    }
    return std::string(detail);
}

std::string describe_late_head(std::chrono::milliseconds waited) {
    return "the request head did not come within " + describe(waited);
}

std::string describe_long_body(std::uint64_t length, std::uint64_t most) {
    return "body of " + std::to_string(length) + " bytes, over " + std::to_string(most) + " bytes";
}

std::string describe_early_end(bool nothing, int error) {
    return (nothing ? "the connection ended without a response" : "response: the connection ended within the head") + with_error(error);
}

std::string describe_body_fault(http::body_status fault, int error) {
    using status = http::body_status;
    switch (fault) {
    case status::source_malformed:
        return "response: malformed chunk";
    case status::trailers_too_large:
        return "response: trailers over max_response_head";
    default:
        return "response: the connection ended within the body" + with_error(error);
    }
}

std::string describe_silent_server(std::chrono::milliseconds waited) {
    return "no answer within " + describe(waited);
}

std::string describe_stalled_server(std::chrono::milliseconds waited) {
    return "nothing of the request was taken within " + describe(waited);
}

std::string describe_silent_client(std::chrono::milliseconds waited) {
    return "body: nothing came within " + describe(waited);
}

std::string describe_stalled_client(std::chrono::milliseconds waited) {
    return "the client took nothing within " + describe(waited);
}

} // namespace bearward::proxy
