// What of a path doesn't count when it is compared with a route's: routers ignore
// the case of letters, or one `/` at the end (policies/BEHAVIOUR.md 3).
#pragma once

namespace bearward::policies::rules {

struct path_comparison {
    bool ignore_case = false;
    bool ignore_final_slash = false;
    friend bool operator==(const path_comparison&, const path_comparison&) = default;
};

} // namespace bearward::policies::rules
