// Says in the log where the proxy listens.
#pragma once

#include "proxy/service.hpp"

namespace bearward::proxy {

void log_addresses(const service& proxy);

} // namespace bearward::proxy
