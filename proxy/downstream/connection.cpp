#include "proxy/downstream/connection.hpp"

#include "proxy/downstream/exchange.hpp"
#include "proxy/worker.hpp"

#include <boost/asio/co_spawn.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace bearward::proxy::downstream {

connection::connection(worker& owner, stream_ptr peer, std::uint32_t listener, std::string address, gauge& open)
    : owner_(owner), stream_(std::move(peer)), idle_(owner.wheel(), *this), listener_(listener), address_(std::move(address)), open_(open) {
}

connection::~connection() {
    if (stream_) {
        stream_->close();
    }
}

void connection::open() {
    const auto& rules = *owner_.rules();
    const auto& listener = rules.settings.listeners[listener_];
    const bool trusted = rules.settings.trusted_proxies.contains(address_);
    const auto header = trusted ? listener.proxy.value : config::proxy_protocol::off;
    auto tls = rules.listener_tls(listener_);
    if (header == config::proxy_protocol::off && !trusted && !count_address()) {
        owner_.remove(*this);
        return;
    }
    if (header == config::proxy_protocol::off && !tls) {
        await_request();
        return;
    }
    opening_ = std::make_unique<opening>(*stream_, header, std::move(tls), [this] { continue_opening(); });
    idle_.arm(rules.settings.limits.idle_timeout);
    stream_->listen(this);
    stream_->want_read();
}

/// A trusted proxy brings the connections of many: only an address that it names counts.
bool connection::count_address() {
    auto slot = owner_.addresses().take(address_, owner_.rules()->settings.limits.max_connections_per_address);
    if (slot) {
        slot_ = std::move(*slot);
    }
    return slot.has_value();
}

void connection::continue_opening() {
    if (!std::exchange(opening_begun_, true)) {
        idle_.arm(owner_.rules()->settings.limits.request_head_timeout);
    }
    switch (opening_->step()) {
    case opening::state::waiting:
        return;
    case opening::state::failed:
        spdlog::debug("a connection of {} ended before its first request: {}", address_, opening_->failure());
        owner_.remove(*this);
        return;
    case opening::state::done:
        finish_opening();
        return;
    }
}

void connection::finish_opening() {
    if (!opening_->source().empty()) {
        address_ = opening_->source();
        if (!count_address()) {
            owner_.remove(*this);
            return;
        }
    }
    opening_.reset();
    await_request();
}

void connection::await_request() {
    if (stream_->readable()) {
        start_exchange();
        return;
    }
    idle_.arm(owner_.rules()->settings.limits.idle_timeout);
    stream_->listen(this);
    stream_->want_read();
}

void connection::abort() {
    if (active_ != nullptr) {
        active_->wake.notify();
    } else {
        owner_.remove(*this);
    }
}

void connection::close_if_idle() {
    if (active_ == nullptr) {
        owner_.remove(*this);
    }
}

void connection::on_ready() {
    if (!opening_) {
        start_exchange();
    } else if (owner_.loop().turn_is_spent()) {
        owner_.loop().await_turn(*opening_); // a handshake costs as much as many requests
    } else {
        continue_opening();
    }
}

void connection::on_deadline() {
    owner_.remove(*this);
}

void connection::start_exchange() {
    idle_.disarm();
    auto borrowed = owner_.borrow_exchange();
    active_ = borrowed.get();
    auto& x = *borrowed;
    stream_->listen(&x.wake);
    asio::co_spawn(owner_.context().get_executor(), run_exchange(*this, x),
                   [this, borrowed = std::move(borrowed)](const std::exception_ptr& failure, bool goes_on) mutable {
                       active_ = nullptr;
                       worker& of = owner_;
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
                       if (goes_on && stream_ && !of.draining()) {
                           await_request();
                       } else {
                           of.remove(*this);
                       }
                   });
}

} // namespace bearward::proxy::downstream
