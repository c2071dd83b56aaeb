#include "proxy/upstream/health_checker.hpp"

#include "proxy/duration_text.hpp"
#include "proxy/http/head.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <limits>
#include <system_error>
#include <utility>

namespace bearward::proxy::upstream {
namespace {

/// Of an answer only the head is looked at.
constexpr http::head_limits answer_limits{
    .max_head = std::size_t{64} * 1024, .max_target = std::size_t{64} * 1024, .max_headers = std::numeric_limits<std::size_t>::max()};

} // namespace

health_checker::health_checker(asio::io_context& context, deadline_wheel& wheel, directory& known, check_settings settings,
                               std::shared_ptr<const tls::client_context> tls)
    : with_{context, wheel, under_way_, known}, settings_(std::move(settings)),
      resolver_(with_, settings_.server.address, settings_.server.dns_refresh, [] {}),
      health_(settings_.how.healthy, settings_.how.unhealthy),
      status_(known.statuses.at(settings_.server.upstream, settings_.server.address.text)) {
    if (tls) {
        tls_ = tls_target{.context = std::move(tls), .host = settings_.server.address.host, .server = settings_.server.address.text};
    }
    request_ = "GET " + settings_.how.path + " HTTP/1.1\r\nHost: " + std::string(settings_.server.host()) +
               "\r\nUser-Agent: bearward\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

awaitable<> health_checker::run(std::shared_ptr<health_checker> self) {
    const auto& settings = self->settings_.how;
    while (!self->under_way_.cancelled()) {
        const auto began = clock::now();
        const std::string fault = co_await self->check();
        if (self->under_way_.cancelled()) {
            break;
        }
        self->publish(fault);
        const auto took = std::chrono::floor<std::chrono::milliseconds>(clock::now() - began);
        sleeper pause(self->with_.wheel, self->under_way_);
        pause.limit(std::max(settings.interval - took, std::chrono::milliseconds{1}));
        co_await pause.sleep();
    }
}

void health_checker::stop() {
    under_way_.cancel();
    status_->healthy.store(true);
    status_->checked({});
}

void health_checker::publish(const std::string& fault) {
    status_->checked(fault.empty() ? fault : "health check: " + fault);
    if (!health_.observe(fault.empty())) {
        return;
    }
    status_->healthy.store(health_.healthy());
    if (health_.healthy()) {
        spdlog::info("upstream {}: server {} is healthy again", settings_.server.upstream, settings_.server.address.text);
    } else {
        spdlog::warn("upstream {}: server {} is unhealthy: health check: {}", settings_.server.upstream, settings_.server.address.text,
                     fault);
    }
}

std::string health_checker::describe_timeout() const {
    return "timed out after " + describe(settings_.how.timeout);
}

awaitable<std::string> health_checker::check() {
    const auto timeout = settings_.how.timeout;
    const auto end = clock::now() + timeout;
    const auto left = [end] {
        const auto rest = std::chrono::floor<std::chrono::milliseconds>(end - clock::now());
        return std::max(rest, std::chrono::milliseconds{1});
    };
    const auto addresses = co_await resolver_.addresses(timeout);
    std::string fault = "connect " + settings_.server.address.text + ": " + resolver_.failure();
    for (const auto& each : addresses) {
        auto made = co_await open_stream(with_, each.to, left(), tls_ ? &*tls_ : nullptr);
        if (made) {
            resolver_.worked(each.number);
            const stream_ptr peer = std::move(*made);
            fault = co_await ask(*peer, left());
            peer->close();
            co_return fault;
        }
        fault = "connect " + settings_.server.address.text + ": " + made.error().cause;
    }
    // A look-up without an outcome is one that takes too long.
    const bool late = clock::now() >= end || (addresses.empty() && resolver_.failure().empty());
    co_return late ? describe_timeout() : fault;
}

awaitable<std::string> health_checker::ask(stream& peer, std::chrono::milliseconds at_most) {
    sleeper wait(with_.wheel, under_way_);
    wait.limit(at_most);
    peer.listen(&wait);
    std::string_view rest = request_;
    std::string answer;
    std::size_t scanned = 0;
    std::array<char, 4096> block{};
    while (!wait.expired() && !under_way_.cancelled()) {
        io_result moved;
        if (!rest.empty()) {
            const iovec piece{const_cast<char*>(rest.data()), rest.size()};
            moved = peer.write_some({&piece, 1});
            rest.remove_prefix(moved.done() ? moved.bytes : 0);
        } else {
            moved = peer.read_some(block);
            answer.append(block.data(), moved.done() ? moved.bytes : 0);
        }
        if (moved.would_block()) {
            rest.empty() ? peer.want_read() : peer.want_write();
            co_await wait.sleep();
        } else if (!moved.done()) {
            co_return "the connection ended without a response" +
                (moved.error == 0 ? std::string{} : ": " + std::generic_category().message(moved.error));
        }
        http::response_head head;
        const auto outcome = http::parse_response_head(answer, answer_limits, "GET", head, &scanned);
        if (outcome.state == http::head_state::refused) {
            co_return "response: " + std::string(outcome.detail);
        }
        if (outcome.state == http::head_state::complete && head.status >= 200) {
            co_return is_success(head.status) ? std::string{} : std::to_string(head.status);
        }
        if (outcome.state == http::head_state::complete) {
            answer.erase(0, head.size); // a 1xx comes before the answer
            scanned = 0;
        }
    }
    co_return describe_timeout();
}

} // namespace bearward::proxy::upstream
