#include "proxy/admin/endpoint_table.hpp"

#include "proxy/admin/endpoints/endpoints.hpp"

#include <array>

namespace bearward::proxy {
namespace {

bool can_reload(const admin_source& source) {
    return static_cast<bool>(source.reload);
}

bool can_revoke(const admin_source& source) {
    return static_cast<bool>(source.revoke);
}

bool can_hand_over(const admin_source& source) {
    return static_cast<bool>(source.hand_over);
}

bool knows_guarded(const admin_source& source) {
    return static_cast<bool>(source.open_guarded);
}

bool has_page(const admin_source& source) {
    return static_cast<bool>(source.routes);
}

using enum admin_methods;
constexpr bool for_probes = true;
constexpr bool not_for_probes = false;

constexpr auto table = std::to_array<admin_endpoint>({
    {"/", get_head, not_for_probes, &has_page, &endpoints::page},
    {"/healthz", get_head, for_probes, nullptr, &endpoints::health},
    {"/readyz", get_head, for_probes, nullptr, &endpoints::readiness},
    {"/metrics", get_head, for_probes, nullptr, &endpoints::metrics},
    {"/status", get_head, not_for_probes, nullptr, &endpoints::status},
    {"/sockets", get_head, not_for_probes, &knows_guarded, &endpoints::sockets},
    {"/config", get_head, not_for_probes, nullptr, &endpoints::config},
    {"/jwks.json", get_head, not_for_probes, nullptr, &endpoints::assertion_keys},
    {"/reload", post, not_for_probes, &can_reload, &endpoints::reload},
    {"/revoke", post, not_for_probes, &can_revoke, &endpoints::revoke},
    {"/takeover", post, not_for_probes, &can_hand_over, &endpoints::takeover},
});

} // namespace

std::span<const admin_endpoint> admin_endpoints() noexcept {
    return table;
}

} // namespace bearward::proxy
