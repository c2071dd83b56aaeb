#include "proxy/upstream/resolver.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <algorithm>

namespace bearward::proxy::upstream {
namespace {

/// How long a name that could not be resolved is not asked for again.
constexpr std::chrono::milliseconds failure_rest{1'000};

} // namespace

resolver::resolver(connect_context with, const config::endpoint& server, std::chrono::milliseconds refresh, std::function<void()> changed)
    : with_(with), server_(server), refresh_(refresh), changed_(std::move(changed)), due_(with.wheel, *this) {
    error_code error;
    if (!server_.unix_path.empty()) {
        known_.push_back({asio::local::stream_protocol::endpoint(server_.unix_path), next_number_++});
    } else if (const auto ip = asio::ip::make_address(server_.host, error); !error) {
        known_.push_back({asio::ip::tcp::endpoint(ip, server_.port), next_number_++});
    } else {
        look_up();
    }
}

awaitable<std::vector<target>> resolver::addresses(std::chrono::milliseconds patience) {
    if (known_.empty() && !asking_ && clock::now() >= not_before_) {
        look_up();
    }
    if (known_.empty() && asking_ && !with_.under_way.cancelled()) {
        sleeper pause(with_.wheel, with_.under_way);
        waiting_.add(pause);
        pause.limit(patience);
        co_await pause.sleep();
    }
    co_return known_;
}

void resolver::look_up() {
    asking_ = true;
    with_.known.names.ask(server_.host, refresh_ / 2, ready_loop::of(with_.context),
                          [self = std::weak_ptr<resolver*>(self_)](const lookup_result& result) {
                              if (const auto alive = self.lock()) {
                                  (*alive)->take(result);
                              }
                          });
}

void resolver::take(const lookup_result& result) {
    asking_ = false;
    if (result) {
        failure_.clear();
        adopt(*result);
    } else {
        failure_ = result.error();
        not_before_ = clock::now() + std::min(failure_rest, refresh_); // what is known stays in use
    }
    if (!known_.empty()) {
        due_.arm(refresh_);
    }
    // Last: after a reload one of these may hold the last reference to this one's pool.
    waiting_.wake_all();
}

void resolver::adopt(const std::vector<asio::ip::address>& fresh) {
    std::vector<target> next;
    std::size_t kept = 0;
    for (const auto& ip : fresh) {
        const address to = asio::ip::tcp::endpoint(ip, server_.port);
        const auto same = std::ranges::find(known_, to, &target::to);
        kept += same == known_.end() ? 0 : 1;
        next.push_back({to, same == known_.end() ? next_number_++ : same->number});
    }
    const bool gone = kept < known_.size();
    known_ = std::move(next);
    worked(last_good_);
    if (gone) {
        changed_();
    }
}

void resolver::worked(std::uint32_t number) {
    const auto found = std::ranges::find(known_, number, &target::number);
    if (found != known_.end()) {
        last_good_ = number;
        std::rotate(known_.begin(), found, found + 1);
    }
}

bool resolver::knows(std::uint32_t number) const noexcept {
    return std::ranges::find(known_, number, &target::number) != known_.end();
}

} // namespace bearward::proxy::upstream
