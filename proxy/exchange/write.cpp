#include "proxy/exchange/write.hpp"

#include "proxy/worker_context.hpp"

namespace bearward::proxy {

awaitable<bool> write_all(client_stream& client, waits& w, std::string_view text, std::chrono::milliseconds patience,
                          std::uint64_t& written) {
    w.write_deadline.arm(patience);
    while (!text.empty()) {
        const auto sent = client.write_some(text);
        if (sent.done()) {
            text.remove_prefix(sent.bytes);
            written += sent.bytes;
            continue;
        }
        if (!sent.would_block() || w.owner.stopping()) {
            break;
        }
        client.want_write();
        co_await w.wake.wait();
        if (w.owner.stopping() || w.write_deadline.expired()) {
            break;
        }
    }
    w.write_deadline.disarm();
    co_return text.empty(); // NOLINT(bugprone-standalone-empty): co_return uses it
}

} // namespace bearward::proxy
