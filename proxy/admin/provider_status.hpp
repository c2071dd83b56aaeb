// What /status says of the providers.
#pragma once

#include "policies/snapshot.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <span>

namespace bearward::proxy {

/// By name. `age`: since the keys were read. Keys of files and of the configuration
/// are read with it, so that they have neither a next refresh nor an error.
[[nodiscard]] boost::json::object describe_providers(std::span<const policies::provider> providers, std::chrono::nanoseconds age);

} // namespace bearward::proxy
