#include "proxy/exchange/await_call.hpp"

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/waits.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {

std::function<void()> call_wait::callback() const {
    return [shared = shared_] {
        shared->over = true;
        if (shared->who != nullptr) {
            shared->who->notify();
        }
    };
}

awaitable<call_end> call_wait::sleep(client_stream& client, waits& w, std::chrono::milliseconds most) {
    client_watch watch = client.watch(w.end_deadline);
    w.response_deadline.arm(most);
    bool there = true;
    while (!called() && !w.response_deadline.expired() && there && !w.owner.stopping()) {
        there = watch.check(false) && !w.end_deadline.expired();
        if (there) {
            co_await w.wake.wait();
        }
    }
    w.disarm();
    co_return w.owner.stopping() ? call_end::stopping : there ? call_end::over : call_end::client_gone;
}

} // namespace bearward::proxy
