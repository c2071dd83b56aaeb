#include "proxy/exchange/waits.hpp"

#include "proxy/worker_context.hpp"

namespace bearward::proxy {

waits::waits(worker_context& of)
    : owner(of), read_deadline(of.wheel(), *this), write_deadline(of.wheel(), *this), response_deadline(of.wheel(), *this),
      end_deadline(of.wheel(), *this) {}

void waits::disarm() noexcept {
    for (deadline* each : {&read_deadline, &write_deadline, &response_deadline, &end_deadline}) {
        each->disarm();
    }
    wake.unlink(); // nor should a turn that is no longer waited for
}

} // namespace bearward::proxy
