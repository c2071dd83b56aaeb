#include "policies/requests/token_forms.hpp"

#include "policies/ascii.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/requests/request_view.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace bearward::policies::requests {

bool is_token68(std::string_view text) noexcept {
    const std::size_t end = text.find_last_not_of('=');
    // No early end: the compiler then takes many bytes at a time, and tokens are long.
    unsigned char wrong = 0;
    for (const char byte : text.substr(0, end + 1)) {
        const auto code = static_cast<unsigned char>(byte);
        const bool letter = static_cast<unsigned char>((code | 0x20U) - 'a') < 26;
        const bool from_minus_to_nine = static_cast<unsigned char>(code - '-') <= '9' - '-'; // - . / and digits
        wrong |= static_cast<unsigned char>(!(letter | from_minus_to_nine | (code == '_') | (code == '~') | (code == '+')));
    }
    return end != std::string_view::npos && wrong == 0;
}

std::optional<std::string_view> strip_bearer(std::string_view text) noexcept {
    return strip_scheme(text, "Bearer");
}

std::optional<std::string_view> strip_scheme(std::string_view text, std::string_view scheme) noexcept {
    if (!equal_names(text.substr(0, scheme.size()), scheme)) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(scheme.size());
    if (rest.starts_with(' ')) {
        return rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
    }
    // `Bearers` is another scheme. A tab or comma ends the scheme for lax servers:
    // what follows then is no token, but not another scheme either.
    return rest.empty() || !is_tchar(rest.front()) ? std::optional(rest.substr(rest.size())) : std::nullopt;
}

bool is_jws(std::string_view text) {
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos ||
        !std::ranges::all_of(text, [](char byte) { return is_base64url(byte) || byte == '.'; })) {
        return false;
    }
    const auto header = jose::decode_base64url(text.substr(0, first));
    if (!header) {
        return false;
    }
    boost::system::error_code failed;
    const boost::json::value parsed = boost::json::parse(*header, failed);
    return !failed && parsed.is_object() && parsed.get_object().contains("alg");
}

} // namespace bearward::policies::requests
