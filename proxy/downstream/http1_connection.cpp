#include "proxy/downstream/http1_connection.hpp"

#include "proxy/downstream/serve_requests.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/worker_context.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace bearward::proxy::downstream {
namespace {

/// When a drain begins a client may have sent a request on a connection that it was promised: closed at once, it could not tell
/// what became of it.
constexpr std::chrono::milliseconds time_for_last_request{300};

} // namespace

http1_connection::http1_connection(worker_context& owner, stream_ptr peer, std::uint32_t listener, std::string address, gauge& open)
    : http1_client(owner, std::move(peer), listener, std::move(address), open), idle_(owner.wheel(), *this) {}

void http1_connection::open() {
    const auto& rules = *owner().rules();
    const auto& listener = rules.settings.listeners[this->listener()];
    set_decides_for_another(rules.decides_for_another(this->listener()));
    const bool trusted = rules.trusted(decides_for_another()).contains(client_address());
    const auto header = trusted ? listener.proxy.value : config::proxy_protocol::off;
    auto tls = rules.listener_tls(this->listener());
    if (header == config::proxy_protocol::off && !trusted && !count_address()) {
        owner().remove(*this);
        return;
    }
    if (header == config::proxy_protocol::off && !tls) {
        await_request();
        return;
    }
    opening_ = std::make_unique<opening>(peer(), header, std::move(tls), [this] { continue_opening(); });
    idle_.arm(rules.settings.limits.idle_timeout);
    peer().listen(this);
    peer().want_read();
}

/// A trusted proxy brings the connections of many: only an address that it names counts.
bool http1_connection::count_address() {
    auto slot = owner().addresses().take(client_address(), owner().rules()->settings.limits.max_connections_per_address);
    if (slot) {
        set_slot(std::move(*slot));
    }
    return slot.has_value();
}

void http1_connection::continue_opening() {
    if (!std::exchange(opening_begun_, true)) {
        idle_.arm(owner().rules()->settings.limits.request_head_timeout);
    }
    switch (opening_->step()) {
    case opening::state::waiting:
        return;
    case opening::state::failed:
        spdlog::debug("a connection of {} ended before its first request: {}", client_address(), opening_->failure());
        owner().remove(*this);
        return;
    case opening::state::done:
        finish_opening();
        return;
    }
}

void http1_connection::finish_opening() {
    if (!opening_->source().empty()) {
        set_address(opening_->source());
        if (!count_address()) {
            owner().remove(*this);
            return;
        }
    }
    opening_.reset();
    await_request();
}

void http1_connection::await_request() {
    if (peer().readable()) {
        start_exchange();
        return;
    }
    idle_.arm(owner().draining() ? time_for_last_request : owner().rules()->settings.limits.idle_timeout);
    peer().listen(this);
    peer().want_read();
}

void http1_connection::abort() {
    if (active_ != nullptr) {
        active_->wake.notify();
    } else {
        owner().remove(*this);
    }
}

void http1_connection::begin_drain() {
    if (active_ == nullptr) {
        idle_.arm(time_for_last_request);
    }
}

void http1_connection::on_ready() {
    if (!opening_) {
        start_exchange();
    } else if (owner().loop().turn_is_spent()) {
        owner().loop().await_turn(*opening_); // a handshake costs as much as many requests
    } else {
        continue_opening();
    }
}

void http1_connection::on_deadline() {
    owner().remove(*this);
}

void http1_connection::start_exchange() {
    idle_.disarm();
    auto borrowed = owner().borrow_exchange();
    active_ = borrowed.get();
    auto& x = *borrowed;
    peer().listen(&x.wake);
    asio::co_spawn(owner().context().get_executor(), serve_requests(*this, x),
                   [this, borrowed = std::move(borrowed)](const std::exception_ptr& failure, bool goes_on) mutable {
                       active_ = nullptr;
                       worker_context& of = owner();
                       if (failure) {
                           // The barrier: nothing a client sends should get here.
                           try {
                               std::rethrow_exception(failure);
                           } catch (const std::exception& error) {
                               spdlog::error("an exchange failed: {}", error.what());
                           }
                           goes_on = false;
                       }
                       of.give_back(std::move(borrowed));
                       if (goes_on && held()) {
                           await_request();
                       } else {
                           of.remove(*this);
                       }
                   });
}

} // namespace bearward::proxy::downstream
