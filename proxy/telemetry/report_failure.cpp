#include "proxy/telemetry/report_failure.hpp"

#include <spdlog/spdlog.h>

namespace bearward::proxy {

void report_failure(std::string_view what, const std::exception_ptr& failure) {
    try {
        if (failure) {
            std::rethrow_exception(failure);
        }
    } catch (const std::exception& error) {
        spdlog::error("{} ended: {}", what, error.what());
    }
}

} // namespace bearward::proxy
