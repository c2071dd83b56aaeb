// The form of a request whose head is sound: its path made canonical, and whether
// it opens a WebSocket. Pure; serving and `explain` share it.
#pragma once

#include "policies/reason.hpp"
#include "policies/requests/target.hpp"
#include "proxy/http/head.hpp"

#include <optional>
#include <string_view>

namespace bearward::proxy {

struct request_form {
    policies::requests::canonical_path path; ///< empty when it is refused; points into the head or the scratch
    bool websocket = false;                  ///< a valid opening handshake
    unsigned status = 0;                     ///< 0: well formed; else the refusal's
    policies::reason why = policies::reason::ok;
    bool recoverable = false;                                 ///< the connection may go on after the refusal
    std::optional<policies::requests::path_error> path_fault; ///< what is wrong with the path
    std::string_view detail;                                  ///< what is refused, in a few words for the log
};

[[nodiscard]] request_form check_form(const http::request_head& head, policies::requests::path_rules rules,
                                      policies::requests::path_scratch& scratch);

} // namespace bearward::proxy
