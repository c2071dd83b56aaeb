// What the page is made of.
#pragma once

#include "proxy/admin_page/question.hpp"
#include "proxy/guard_list.hpp"
#include "proxy/telemetry/decision_totals.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::admin_page {

/// More routes than these are not listed.
inline constexpr std::size_t most_routes = 1000;

/// One route of the configuration, in its words.
struct route_facts {
    std::string name;
    std::string path;     ///< with how it is compared
    std::string hosts;    ///< empty: any
    std::string methods;  ///< empty: any
    std::string access;   ///< whose credentials pass
    std::string upstream; ///< empty: none
    std::vector<decision_total> decisions{};
};

struct socket_facts {
    std::vector<guarded_facts> some{};
    std::size_t total = 0;
};

struct page_facts {
    boost::json::object status;      ///< the body of /status
    std::vector<route_facts> routes; ///< the last one, maybe: requests without a route
    std::optional<socket_facts> sockets{};
    bool explains = false; ///< there is a form
    std::optional<config::test_settings> asked{};
    std::optional<answered> told{};
};

} // namespace bearward::proxy::admin_page
