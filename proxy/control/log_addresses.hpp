// Says in the log where a server listens.
#pragma once

#include "proxy/server.hpp"

namespace bearward::proxy {

void log_addresses(const server& proxy);

} // namespace bearward::proxy
