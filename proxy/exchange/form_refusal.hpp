// Why a request is refused for its form, before anything is decided.
#pragma once

#include "policies/reason.hpp"

#include <string_view>

namespace bearward::proxy {

struct form_refusal {
    unsigned status = 0; ///< 0: it isn't refused
    policies::reason why = policies::reason::ok;
    bool recoverable = false;  ///< its end is known, so the connection may go on
    std::string_view detail{}; ///< the parser's, for the log; a literal

    explicit operator bool() const noexcept { return status != 0; }
};

} // namespace bearward::proxy
