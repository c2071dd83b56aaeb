// The handlers of the admin endpoints; endpoint_table says which answers what.
#pragma once

#include "proxy/admin/admin_endpoint.hpp"

namespace bearward::proxy::endpoints {

/// HTML for people: how it goes, and what would happen to a request.
admin_handler page;
/// 200 while the process serves at all.
admin_handler health;
/// 200 when requests can be judged, else 503 and why not.
admin_handler readiness;
/// Prometheus text.
admin_handler metrics;
/// What runs, and how it goes: for people and their tools.
admin_handler status;
/// Who has WebSockets open, and answers that are still running.
admin_handler sockets;
/// Every setting as it counts, secrets masked.
admin_handler config;
/// The public keys of assertions, as a JWK set.
admin_handler assertion_keys;
/// Waits for a reload: 200, or 422 and its errors.
admin_handler reload;
/// One credential, session, user or tenant counts no longer: 204, 400 and why, or 503.
admin_handler revoke;
/// The connection is for who hands over the listening sockets.
admin_handler takeover;

} // namespace bearward::proxy::endpoints
