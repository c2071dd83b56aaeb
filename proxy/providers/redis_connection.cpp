#include "proxy/providers/redis_connection.hpp"

#include "config/secret.hpp"
#include "policies/text.hpp"
#include "proxy/duration_text.hpp"
#include "proxy/upstream/connect.hpp"
#include "proxy/upstream/resolver.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace bearward::proxy::providers {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds name_refresh{30};

std::string describe_end(const io_result& how) {
    if (how.what == io_result::kind::failed && how.error != 0) {
        return "the connection ended: " + std::generic_category().message(how.error);
    }
    return "the connection ended";
}

/// Sleeps at a stream; leaves it when it is over.
class stream_wait {
public:
    stream_wait(upstream::connect_context with, stream& peer, milliseconds at_most) : peer_(peer), sleeper_(with.wheel, with.under_way) {
        sleeper_.limit(std::max(at_most, milliseconds{1}));
        peer_.listen(&sleeper_);
    }
    ~stream_wait() { peer_.listen(nullptr); }
    stream_wait(const stream_wait&) = delete;
    stream_wait& operator=(const stream_wait&) = delete;

    [[nodiscard]] bool expired() const noexcept { return sleeper_.expired(); }
    [[nodiscard]] auto sleep() { return sleeper_.sleep(); }

private:
    stream& peer_;
    upstream::sleeper sleeper_;
};

constexpr std::string_view stopped = "the process stops";

awaitable<std::expected<stream_ptr, std::string>> connect(upstream::connect_context with, config::endpoint server,
                                                          upstream::tls_target* tls, milliseconds timeout) {
    const auto end = clock::now() + timeout;
    const auto left = [end] { return std::max(std::chrono::floor<milliseconds>(end - clock::now()), milliseconds{1}); };
    upstream::resolver names(with, server, name_refresh, [] {});
    const auto addresses = co_await names.addresses(timeout);
    std::string fault = names.failure();
    for (const auto& each : addresses) {
        auto made = co_await upstream::open_stream(with, each.to, left(), tls);
        if (made) {
            co_return std::move(*made);
        }
        fault = made.error().cause;
    }
    co_return std::unexpected(fault.empty() ? "no address within " + bearward::proxy::describe(timeout) : fault);
}

std::vector<std::string> make_auth(const config::redis_settings& settings, std::string password) {
    std::vector<std::string> command{"AUTH"};
    if (!settings.username.empty()) {
        command.push_back(settings.username);
    }
    command.push_back(std::move(password));
    return command;
}

} // namespace

awaitable<std::expected<std::unique_ptr<redis_connection>, std::string>>
redis_connection::open(upstream::connect_context with, config::redis_settings settings, upstream::tls_target* tls, milliseconds timeout) {
    const auto end = clock::now() + timeout;
    auto password = config::read_again(settings.password);
    if (!password) {
        co_return std::unexpected("password: " + password.error());
    }
    auto peer = co_await connect(with, settings.address.value, tls, timeout);
    if (!peer) {
        co_return std::unexpected("connect: " + peer.error());
    }
    std::unique_ptr<redis_connection> made(new redis_connection(with, std::move(*peer)));
    if (settings.password.given) {
        const auto left = std::max(std::chrono::floor<milliseconds>(end - clock::now()), milliseconds{1});
        auto reply = co_await made->ask(make_auth(settings, *std::move(password)), left);
        if (!reply) {
            co_return std::unexpected(std::move(reply).error());
        }
    }
    co_return made;
}

awaitable<std::expected<void, std::string>> redis_connection::send(std::vector<std::string> command, milliseconds timeout) {
    std::string bytes;
    append_command(bytes, std::vector<std::string_view>(command.begin(), command.end()));
    std::string_view rest = bytes;
    stream_wait wait(with_, *peer_, timeout);
    while (!rest.empty()) {
        if (with_.under_way.cancelled()) {
            co_return std::unexpected(std::string(stopped));
        }
        const iovec piece{const_cast<char*>(rest.data()), rest.size()}; // iovec is not const-correct
        const io_result moved = peer_->write_some({&piece, 1});
        if (moved.done()) {
            rest.remove_prefix(moved.bytes);
        } else if (!moved.would_block()) {
            co_return std::unexpected(describe_end(moved));
        } else if (wait.expired()) {
            co_return std::unexpected("nothing was read within " + bearward::proxy::describe(timeout));
        } else {
            peer_->want_write();
            co_await wait.sleep();
        }
    }
    co_return std::expected<void, std::string>();
}

awaitable<std::expected<std::optional<resp_value>, std::string>> redis_connection::receive(milliseconds timeout) {
    stream_wait wait(with_, *peer_, timeout);
    std::array<char, 16'384> block{};
    while (true) {
        auto value = reader_.next();
        if (!value || *value) {
            co_return value;
        }
        if (with_.under_way.cancelled()) {
            co_return std::unexpected(std::string(stopped));
        }
        const io_result moved = peer_->read_some(block);
        if (moved.done()) {
            reader_.feed({block.data(), moved.bytes});
        } else if (!moved.would_block()) {
            co_return std::unexpected(describe_end(moved));
        } else if (wait.expired()) {
            co_return std::optional<resp_value>();
        } else {
            peer_->want_read();
            co_await wait.sleep();
        }
    }
}

awaitable<std::expected<resp_value, std::string>> redis_connection::ask(std::vector<std::string> command, milliseconds timeout) {
    const std::string name = command.front();
    auto sent = co_await send(std::move(command), timeout);
    if (!sent) {
        co_return std::unexpected(name + ": " + sent.error());
    }
    auto reply = co_await receive(timeout);
    if (!reply) {
        co_return std::unexpected(name + ": " + reply.error());
    }
    if (!*reply) {
        co_return std::unexpected(name + ": no answer within " + bearward::proxy::describe(timeout));
    }
    if ((*reply)->what == resp_value::kind::error) {
        co_return std::unexpected(name + ": Redis says " + policies::in_quotes((*reply)->text));
    }
    co_return std::move(**reply);
}

} // namespace bearward::proxy::providers
