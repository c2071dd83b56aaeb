#include "proxy/commands/readiness_probe.hpp"

#include "proxy/event/net.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <exception>
#include <expected>

namespace bearward::proxy::commands {
namespace {

namespace http = boost::beast::http;
using endpoint = asio::generic::stream_protocol::endpoint;

constexpr std::uint32_t max_head = 8 * 1024;
constexpr std::uint64_t max_body = std::uint64_t{64} * 1024;
constexpr std::size_t max_reason = 200;

awaitable<std::expected<endpoint, std::string>> resolve(asio::io_context& context, const config::endpoint& address) {
    if (!address.unix_path.empty()) {
        co_return endpoint(asio::local::stream_protocol::endpoint(address.unix_path));
    }
    error_code error;
    const auto numeric = asio::ip::make_address(address.host, error);
    if (!error) {
        co_return endpoint(asio::ip::tcp::endpoint(numeric, address.port));
    }
    asio::ip::basic_resolver<asio::ip::tcp, executor> resolver(context.get_executor());
    auto [failure, found] = co_await resolver.async_resolve(address.host, std::to_string(address.port), use_result);
    if (failure) {
        co_return std::unexpected("its name can't be resolved: " + failure.message());
    }
    co_return endpoint(found.begin()->endpoint());
}

/// The answer's own words, if it is Bearward's: another program may be there.
std::string reason_of(const http::response<http::string_body>& answer) {
    std::string text = "it answered " + std::to_string(answer.result_int());
    boost::system::error_code error;
    const auto body = boost::json::parse(answer.body(), error);
    const auto* const object = error ? nullptr : body.if_object();
    for (const char* name : {"reason", "detail"}) {
        const auto* const value = object == nullptr ? nullptr : object->if_contains(name);
        if (value != nullptr && value->is_string()) {
            const auto& words = value->get_string();
            text += ": " + std::string(words.data(), std::min(words.size(), max_reason));
            break;
        }
    }
    std::ranges::replace_if(text, [](char c) { return c >= 0 && c < 0x20; }, ' ');
    return text;
}

/// Why it is not ready; nothing when it is.
awaitable<std::optional<std::string>> ask(asio::io_context& context, const config::endpoint& address) {
    const auto where = co_await resolve(context, address);
    if (!where) {
        co_return where.error();
    }
    asio::basic_stream_socket<asio::generic::stream_protocol, executor> socket(context.get_executor());
    auto [unreachable] = co_await socket.async_connect(*where, use_result);
    if (unreachable) {
        co_return "nothing answers: " + unreachable.message();
    }
    http::request<http::empty_body> question(http::verb::get, "/readyz", 11);
    // The name that every admin listener answers to, whatever its address.
    question.set(http::field::host, "localhost");
    question.set(http::field::connection, "close");
    auto [unsent, sent] = co_await http::async_write(socket, question, use_result);
    if (unsent) {
        co_return "it can't be asked: " + unsent.message();
    }
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.header_limit(max_head);
    parser.body_limit(max_body);
    auto [unread, received] = co_await http::async_read(socket, buffer, parser, use_result);
    if (unread) {
        co_return "no sound answer: " + unread.message();
    }
    if (parser.get().result() == http::status::ok) {
        co_return std::nullopt;
    }
    co_return reason_of(parser.get());
}

} // namespace

std::optional<std::string> probe_readiness(const config::endpoint& admin, std::chrono::milliseconds limit) {
    std::optional<std::string> why = "no answer within " + std::to_string(limit.count()) + " ms";
    asio::io_context context;
    asio::co_spawn(context.get_executor(), ask(context, admin),
                   [&why](const std::exception_ptr& failure, std::optional<std::string> outcome) {
                       why = failure ? "the question failed" : std::move(outcome);
                   });
    context.run_for(limit);
    return why;
}

} // namespace bearward::proxy::commands
