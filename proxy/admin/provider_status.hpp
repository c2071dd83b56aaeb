// What /status says of the providers.
#pragma once

#include "policies/snapshot.hpp"
#include "proxy/providers/key_sources.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <span>

namespace bearward::proxy {

/// By name. `age`: since the configuration was read. Keys of files and of the configuration
/// are read with it, so that they have neither a next refresh nor an error.
[[nodiscard]] boost::json::object describe_providers(std::span<const policies::provider> providers, std::chrono::nanoseconds age,
                                                     const providers::key_sources& fetched);

} // namespace bearward::proxy
