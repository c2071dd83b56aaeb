#include "proxy/http/notice_form.hpp"

#include "policies/ascii.hpp"
#include "policies/requests/query.hpp"
#include "policies/text.hpp"

#include <algorithm>

namespace bearward::proxy::http {
namespace {

using policies::revocation_receiver;

/// A media type without its parameters (RFC 9110 section 8.3.1).
std::string_view media_type(std::string_view value) noexcept {
    value = value.substr(0, value.find(';'));
    const std::size_t end = value.find_last_not_of(" \t");
    return value.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

std::ptrdiff_t count_of(const request_head& head, std::string_view name) {
    return std::ranges::count_if(head.fields, [&](const header& each) { return policies::equal_ignoring_case(each.name, name); });
}

} // namespace

bool is_authorized(const std::optional<policies::jose::sha256_digest>& wanted, const request_head& head) {
    if (!wanted) {
        return true;
    }
    const auto given = policies::jose::sha256(head.find("Authorization"));
    return count_of(head, "Authorization") == 1 && given && policies::jose::equal_digests(*given, *wanted);
}

std::optional<std::string> find_media_fault(revocation_receiver::kind takes, const request_head& head) {
    const bool form = takes == revocation_receiver::kind::logout;
    const std::string_view wanted = form ? "application/x-www-form-urlencoded" : "application/secevent+jwt";
    if (count_of(head, "Content-Encoding") != 0) {
        return "it has a Content-Encoding";
    }
    const std::string_view given = head.find("Content-Type");
    if (count_of(head, "Content-Type") == 1 && policies::equal_ignoring_case(media_type(given), wanted)) {
        return std::nullopt;
    }
    return "Content-Type is " + policies::in_quotes(given) + ", not " + std::string(wanted);
}

std::optional<std::string_view> find_notice(revocation_receiver::kind takes, std::string_view body, std::string& memory) {
    if (takes == revocation_receiver::kind::logout) {
        return policies::requests::find_parameter(body, "logout_token", memory);
    }
    return body.empty() ? std::nullopt : std::optional(body);
}

} // namespace bearward::proxy::http
