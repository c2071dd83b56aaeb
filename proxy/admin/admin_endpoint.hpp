// One row of the table of admin endpoints.
#pragma once

#include "proxy/admin/admin_reply.hpp"
#include "proxy/admin/admin_request.hpp"
#include "proxy/admin/admin_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string_view>

namespace bearward::proxy {

/// What a listener answers: all, or what kubelets and scrapers ask for from
/// elsewhere, under any Host.
enum class admin_scope : std::uint8_t { everything, probes };

/// What an endpoint is asked with: GET and HEAD, which change nothing; or POST,
/// which takes a request that no page of another site can send.
enum class admin_methods : std::uint8_t { get_head, post };

/// Makes the reply; other connections are served while it waits. Runs on the thread of
/// the admin listener; both arguments live until it is done.
using admin_handler = boost::asio::awaitable<admin_reply>(const admin_request& request, const admin_source& source);

struct admin_endpoint {
    std::string_view path;
    admin_methods methods = admin_methods::get_head;
    bool for_probes = false; ///< the listener for probes answers it too
    /// Whether the program has what it needs; without that there is no such path. Null: it needs nothing more.
    bool (*available)(const admin_source&) = nullptr;
    admin_handler* answer = nullptr;

    [[nodiscard]] bool offered(admin_scope scope, const admin_source& source) const {
        return (for_probes || scope == admin_scope::everything) && (available == nullptr || available(source));
    }
};

} // namespace bearward::proxy
