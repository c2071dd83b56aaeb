#include "proxy/http/head.hpp"

#include "proxy/http/syntax.hpp"

namespace bearward::proxy::http {
namespace {

std::string_view find_field(const std::vector<header>& fields, std::string_view name) noexcept {
    for (const auto& field : fields) {
        if (field.name.size() != name.size()) {
            continue;
        }
        std::size_t same = 0;
        while (same < name.size() && to_lower(field.name[same]) == to_lower(name[same])) {
            ++same;
        }
        if (same == name.size()) {
            return field.value;
        }
    }
    return {};
}

} // namespace

std::string_view request_head::find(std::string_view name) const noexcept {
    return find_field(fields, name);
}

std::string_view response_head::find(std::string_view name) const noexcept {
    return find_field(fields, name);
}

} // namespace bearward::proxy::http
