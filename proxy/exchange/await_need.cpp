#include "proxy/exchange/await_need.hpp"

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/client_watch.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/worker_context.hpp"

#include <memory>

namespace bearward::proxy {
namespace {

/// One request's wait; the supplier may speak when nobody waits any more.
struct wait {
    waiter* who; ///< null: nobody
    bool over = false;
};

} // namespace

awaitable<> await_need(client_stream& client, exchange& x, const policies::need& lacking) {
    supplier* const from = x.owner.supplies();
    if (from == nullptr) {
        co_return;
    }
    const auto waiting = std::make_shared<wait>(&x.wake);
    const auto most = from->begin(lacking, x.owner.loop(), [waiting] {
        waiting->over = true;
        if (waiting->who != nullptr) {
            waiting->who->notify();
        }
    });
    if (most == std::chrono::milliseconds::zero()) {
        co_return;
    }
    client_watch watch(client.peer(), x.end_deadline);
    x.response_deadline.arm(most);
    const auto ended = [&] { return waiting->over || x.response_deadline.expired() || x.end_deadline.expired() || x.owner.stopping(); };
    while (!ended() && watch.check(false)) {
        co_await x.wake.wait();
    }
    waiting->who = nullptr;
    x.disarm();
}

} // namespace bearward::proxy
