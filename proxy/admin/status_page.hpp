// The plain facts of /status.
#pragma once

#include "proxy/bound_listener.hpp"
#include "proxy/connection_counts.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace bearward::proxy {

struct process_facts {
    std::span<const bound_listener> listeners;
    std::string admin;  ///< its address; empty: off
    std::string probes; ///< likewise
    std::size_t workers = 0;
    connection_counts counts{};
    std::chrono::system_clock::time_point started{};
};

[[nodiscard]] boost::json::object describe_process(const process_facts& facts);

} // namespace bearward::proxy
