// What an introspection endpoint says of a token (RFC 7662 section 2.2). Pure: who asks it
// is elsewhere (proxy/providers/introspection_client).
#pragma once

#include "policies/refusal.hpp"
#include "policies/tokens/verification_rules.hpp"
#include "policies/tokens/verified_token.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace bearward::policies {
class explanation;
}

namespace bearward::policies::tokens {

/// Bytes of an answer; a longer one is a failure.
inline constexpr std::size_t longest_introspection = std::size_t{64} * 1024;

/// What the endpoint says of one token: whose it is, or token_inactive, or token_malformed
/// (claims of a form that can't be read).
using introspected = std::expected<verified_token_ptr, refusal>;

/// Reads the body of a 200. Error: a sentence, what is wrong with the answer, which then says
/// nothing of the token: one sound JSON object is expected, in which `active` is true or false.
[[nodiscard]] std::expected<introspected, std::string> read_introspection(const verification_rules& rules, std::string_view body,
                                                                          explanation* observer = nullptr);

/// The form parameters of a question (RFC 7662 section 2.1), in application/x-www-form-urlencoded.
[[nodiscard]] std::string make_introspection_form(std::string_view token);

/// Appends `text` as a form has it: letters, digits and `*-._` as they are, blanks as `+`, other
/// bytes as escapes.
void append_form_text(std::string& out, std::string_view text);

} // namespace bearward::policies::tokens
