#include "proxy/tls/server_names.hpp"

#include "policies/ascii.hpp"

#include <algorithm>

namespace bearward::proxy::tls {
namespace {

std::string_view without_final_dot(std::string_view name) noexcept {
    return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

} // namespace

bool covers(std::string_view name, std::string_view asked) noexcept {
    asked = without_final_dot(asked);
    if (!name.starts_with("*.")) {
        return !asked.empty() && policies::equal_ignoring_case(name, asked);
    }
    const std::size_t dot = asked.find('.');
    return dot != std::string_view::npos && dot != 0 && policies::equal_ignoring_case(name.substr(1), asked.substr(dot));
}

std::size_t choose_certificate(std::span<const std::vector<std::string>> certificates, std::string_view asked) noexcept {
    std::size_t wildcard = 0;
    for (std::size_t index = certificates.size(); index-- > 0;) {
        if (std::ranges::any_of(certificates[index], [&](const auto& name) { return covers(name, asked); })) {
            wildcard = index;
        }
    }
    const auto exact = std::ranges::find_if(certificates, [&](const auto& names) {
        return std::ranges::any_of(names, [&](const auto& name) { return !name.starts_with('*') && covers(name, asked); });
    });
    return exact != certificates.end() ? static_cast<std::size_t>(exact - certificates.begin()) : wildcard;
}

} // namespace bearward::proxy::tls
