// Gives up root once every address is bound.
#pragma once

#include <optional>
#include <string>

namespace bearward::proxy {

/// Becomes the user for good, with its own groups and no other; `log_file`, if it
/// is a path, is given to it, so that it can be reopened. Started by another user
/// than root nothing changes, and a sentence says so where it matters. Throws
/// std::runtime_error when there is no such user or root can't be given up. All
/// threads of the process change together (POSIX, as glibc does it).
std::optional<std::string> become_user(const std::string& name, const std::string& log_file);

} // namespace bearward::proxy
