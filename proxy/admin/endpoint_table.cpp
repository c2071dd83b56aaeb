#include "proxy/admin/endpoint_table.hpp"

#include "proxy/admin/endpoints/endpoints.hpp"

#include <array>

namespace bearward::proxy {
namespace {

bool can_reload(const admin_source& source) {
    return static_cast<bool>(source.reload);
}

using enum admin_methods;
constexpr bool for_probes = true;
constexpr bool not_for_probes = false;

constexpr auto table = std::to_array<admin_endpoint>({
    {"/healthz", get_head, for_probes, nullptr, &endpoints::health},
    {"/readyz", get_head, for_probes, nullptr, &endpoints::readiness},
    {"/metrics", get_head, for_probes, nullptr, &endpoints::metrics},
    {"/status", get_head, not_for_probes, nullptr, &endpoints::status},
    {"/config", get_head, not_for_probes, nullptr, &endpoints::config},
    {"/reload", post, not_for_probes, &can_reload, &endpoints::reload},
});

} // namespace

std::span<const admin_endpoint> admin_endpoints() noexcept {
    return table;
}

} // namespace bearward::proxy
