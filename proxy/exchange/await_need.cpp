#include "proxy/exchange/await_need.hpp"

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/client_watch.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/worker_context.hpp"

#include <memory>

namespace bearward::proxy {
namespace {

/// One request's wait. The supplier may call back when it is over for the request.
struct wait {
    waiter* who; ///< null: nobody
    bool over = false;
};

/// Whatever ends the wait, a later call finds nobody.
class wait_guard {
public:
    explicit wait_guard(waiter& who) : shared_(std::make_shared<wait>(&who)) {}
    ~wait_guard() { shared_->who = nullptr; }
    wait_guard(const wait_guard&) = delete;
    wait_guard& operator=(const wait_guard&) = delete;

    [[nodiscard]] const std::shared_ptr<wait>& share() const noexcept { return shared_; }
    [[nodiscard]] bool over() const noexcept { return shared_->over; }

private:
    std::shared_ptr<wait> shared_;
};

} // namespace

awaitable<need_wait> await_need(client_stream& client, exchange& x, supplier& from, const policies::need& lacking) {
    const wait_guard waiting(x.wake);
    const auto most = from.begin(lacking, x.owner.loop(), [shared = waiting.share()] {
        shared->over = true;
        if (shared->who != nullptr) {
            shared->who->notify();
        }
    });
    if (most == std::chrono::milliseconds::zero()) {
        co_return need_wait::over;
    }
    client_watch watch(client.peer(), x.end_deadline);
    x.response_deadline.arm(most);
    bool there = true;
    while (!waiting.over() && !x.response_deadline.expired() && there && !x.owner.stopping()) {
        there = watch.check(false) && !x.end_deadline.expired();
        if (there) {
            co_await x.wake.wait();
        }
    }
    x.disarm();
    co_return x.owner.stopping() ? need_wait::stopping : there ? need_wait::over : need_wait::client_gone;
}

} // namespace bearward::proxy
