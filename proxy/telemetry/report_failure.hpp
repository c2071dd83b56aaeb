// What becomes of a coroutine that nobody awaits when it ends by an exception.
#pragma once

#include <exception>
#include <string_view>

namespace bearward::proxy {

/// Logs why it ended, as an error: "WHAT ended: ..."; nothing for null.
void report_failure(std::string_view what, const std::exception_ptr& failure);

} // namespace bearward::proxy
