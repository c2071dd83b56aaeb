#include "proxy/admin/dispatch.hpp"

#include "proxy/admin/admin_gate.hpp"

#include <utility>

namespace bearward::proxy {
namespace {

std::string_view names_of(admin_methods methods) noexcept {
    return methods == admin_methods::post ? "POST" : "GET, HEAD";
}

bool takes(admin_methods methods, std::string_view method) noexcept {
    return methods == admin_methods::post ? method == "POST" : method == "GET" || method == "HEAD";
}

} // namespace

std::expected<const admin_endpoint*, admin_reply> find_endpoint(std::span<const admin_endpoint> table, std::string_view method,
                                                                std::string_view path, const admin_source& source, admin_scope scope) {
    std::string allow;
    for (const admin_endpoint& each : table) {
        if (each.path != path || !each.offered(scope, source)) {
            continue;
        }
        if (takes(each.methods, method)) {
            return &each;
        }
        allow.append(allow.empty() ? "" : ", ").append(names_of(each.methods));
    }
    if (allow.empty()) {
        return std::unexpected(make_error_reply(404, "Not Found"));
    }
    admin_reply refused = make_error_reply(405, "Method Not Allowed");
    refused.allow = std::move(allow);
    return std::unexpected(std::move(refused));
}

std::expected<const admin_endpoint*, admin_reply> dispatch(std::span<const admin_endpoint> table, const admin_request& request,
                                                           std::span<const std::string> accepted_hosts, const admin_source& source,
                                                           admin_scope scope) {
    if (auto refused = check_host_fields(request, accepted_hosts, scope)) {
        return std::unexpected(*std::move(refused));
    }
    auto found = find_endpoint(table, request.method, request.path(), source, scope);
    if (found && (*found)->methods == admin_methods::post) {
        if (auto refused = check_same_site(request)) {
            return std::unexpected(*std::move(refused));
        }
    }
    return found;
}

} // namespace bearward::proxy
