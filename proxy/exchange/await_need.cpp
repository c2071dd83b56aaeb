#include "proxy/exchange/await_need.hpp"

#include "proxy/exchange/waits.hpp"
#include "proxy/worker_context.hpp"

namespace bearward::proxy {

awaitable<call_end> await_need(client_stream& client, waits& w, supplier& from, const policies::need& lacking) {
    call_wait waiting(w.wake);
    const auto most = from.begin(lacking, w.owner.loop(), waiting.callback());
    if (most == std::chrono::milliseconds::zero()) {
        co_return call_end::over;
    }
    co_return co_await waiting.sleep(client, w, most);
}

} // namespace bearward::proxy
