#include "proxy/exchange/write.hpp"

#include "proxy/worker_context.hpp"

namespace bearward::proxy {

awaitable<bool> write_all(client_stream& client, exchange& x, std::string_view text) {
    x.write_deadline.arm(x.generation.rules->settings.limits.write_timeout);
    while (!text.empty()) {
        const auto sent = client.write_some(text);
        if (sent.done()) {
            text.remove_prefix(sent.bytes);
            x.account.record.bytes_out += sent.bytes;
            continue;
        }
        if (!sent.would_block() || x.owner.stopping()) {
            break;
        }
        client.want_write();
        co_await x.wake.wait();
        if (x.owner.stopping() || x.write_deadline.expired()) {
            break;
        }
    }
    x.write_deadline.disarm();
    co_return text.empty(); // NOLINT(bugprone-standalone-empty): co_return uses it
}

} // namespace bearward::proxy
