#include "policies/requests/client_scheme.hpp"

#include "policies/ascii.hpp"

#include <algorithm>
#include <cstddef>

namespace bearward::policies::requests {

std::string_view believed_scheme(std::span<const header> fields, bool trusted_peer) noexcept {
    std::size_t plain = 0;
    std::size_t encrypted = 0;
    std::size_t members = 0;
    for (const header& field : fields) {
        if (!trusted_peer || !equal_names(field.name, "X-Forwarded-Proto")) {
            continue;
        }
        std::string_view rest = field.value;
        do {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view member = trim(rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            plain += equal_ignoring_case(member, "http") ? 1 : 0;
            encrypted += equal_ignoring_case(member, "https") ? 1 : 0;
            ++members;
        } while (!rest.empty());
    }
    if (members == 0 || (plain != members && encrypted != members)) {
        return {};
    }
    return encrypted == members ? "https" : "http";
}

std::string_view client_scheme(const request_view& request) noexcept {
    const std::string_view said = believed_scheme(request.headers, request.trusted_peer);
    return said.empty() ? request.secure ? "https" : "http" : said;
}

} // namespace bearward::policies::requests
