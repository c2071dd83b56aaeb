#include "policies/close_codes.hpp"

#include "policies/reason_table.hpp"

namespace bearward::policies {
namespace {

/// What `codes` says of a status; nothing: nothing in particular.
std::optional<std::uint16_t> code_of_status(const close_codes& codes, unsigned status) noexcept {
    switch (status) {
    case 400:
        return codes.on_400;
    case 401:
        return codes.on_401;
    case 403:
        return codes.on_403;
    case 429:
        return codes.on_429;
    default:
        return std::nullopt;
    }
}

} // namespace

std::uint16_t choose_close_code(const close_codes& codes, reason why) noexcept {
    const answer& usual = answer_for(why);
    if (usual.close_code == close_code::none) {
        return close_code::none;
    }
    if (why == reason::token_expired && codes.expired) {
        return *codes.expired;
    }
    if (why == reason::token_revoked && codes.revoked) {
        return *codes.revoked;
    }
    const std::uint16_t otherwise = why == reason::rate_limited ? usual.close_code : codes.otherwise;
    return code_of_status(codes, usual.status).value_or(otherwise);
}

} // namespace bearward::policies
