// What /sockets says: who has WebSockets open, and answers that are still running.
#pragma once

#include "proxy/guard_list.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy {

/// Some of what is open, and how much there is.
struct guarded_summary {
    std::vector<guarded_facts> some{};
    std::size_t total = 0;
};

/// Those of the user, of anybody where none is named: `most` at most are listed.
struct guarded_question {
    std::optional<std::string> user;
    std::size_t most = 0;
};

using guarded_answer = std::function<void(guarded_summary)>;
using guarded_request = std::function<void(guarded_question, guarded_answer)>;

} // namespace bearward::proxy
