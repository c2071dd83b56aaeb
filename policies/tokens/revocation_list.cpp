#include "policies/tokens/revocation_list.hpp"

#include <algorithm>

namespace bearward::policies::tokens {
namespace {

std::string_view trim(std::string_view line) noexcept {
    constexpr std::string_view white = " \t\r";
    const auto first = line.find_first_not_of(white);
    return first == std::string_view::npos ? std::string_view{} : line.substr(first, line.find_last_not_of(white) - first + 1);
}

bool is_control(char byte) noexcept {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F;
}

} // namespace

std::expected<revocation_list, revocation_error> parse_revocation_list(std::string_view text) {
    revocation_list made;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view kind = line.substr(0, colon);
        auto* const into = kind == "jti" ? &made.token_ids_ : kind == "user" ? &made.users_ : kind == "tenant" ? &made.tenants_ : nullptr;
        if (into == nullptr || colon == line.size()) {
            return std::unexpected(revocation_error{number, "expected jti:ID, user:ID, tenant:ID or a comment (#)"});
        }
        const std::string_view id = trim(line.substr(colon + 1));
        if (id.empty()) {
            return std::unexpected(revocation_error{number, "has no ID after the colon"});
        }
        if (std::ranges::any_of(id, is_control)) {
            return std::unexpected(revocation_error{number, "has a control character in its ID"});
        }
        into->emplace(id);
    }
    return made;
}

} // namespace bearward::policies::tokens
