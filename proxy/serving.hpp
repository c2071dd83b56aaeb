// What serving needs of one generation of the configuration, prepared once and
// shared by all workers. Immutable.
#pragma once

#include "config/configuration.hpp"
#include "proxy/http/head.hpp"
#include "proxy/http/head_rewrite.hpp"
#include "proxy/http/local_reply.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bearward::proxy {

struct serving {
    explicit serving(config::configuration from);

    config::configuration settings;
    http::rewrite_rules rewrite;
    http::reply_style style;
    http::head_limits request_limits;
    http::head_limits response_limits;
    std::vector<std::string> token_parameters{"access_token"}; ///< masked in logs: RFC 6750's name, and the providers' own

    [[nodiscard]] const policies::snapshot& rules() const noexcept { return *settings.rules; }
};

using serving_ptr = std::shared_ptr<const serving>;

} // namespace bearward::proxy
