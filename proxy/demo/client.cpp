#include "proxy/demo/client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <chrono>
#include <exception>

namespace bearward::proxy::demo {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds patience{10};

asio::awaitable<void> ask_http(const line& what, tcp::endpoint where, outcome& result) {
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    stream.expires_after(patience);
    co_await stream.async_connect(where, asio::use_awaitable);

    beast::http::request<beast::http::string_body> request;
    request.method_string(what.method);
    request.target(what.target);
    request.version(11);
    request.set(beast::http::field::host, "127.0.0.1:" + std::to_string(where.port()));
    for (const named_value& header : what.headers) {
        request.insert(header.name, header.value);
    }
    request.body() = what.body;
    request.keep_alive(false);
    request.prepare_payload();
    co_await beast::http::async_write(stream, request, asio::use_awaitable);

    beast::flat_buffer buffer;
    beast::http::response<beast::http::string_body> response;
    co_await beast::http::async_read(stream, buffer, response, asio::use_awaitable);
    result.status = response.result_int();
    result.body = std::move(response.body());
}

using websocket_stream = beast::websocket::stream<beast::tcp_stream>;

/// Sends "hello" and takes the first message or the Close that comes back.
asio::awaitable<void> exchange_messages(websocket_stream& stream, outcome& result) {
    boost::system::error_code error;
    co_await stream.async_write(asio::buffer(std::string_view{"hello"}), asio::redirect_error(asio::use_awaitable, error));
    // A peer that has closed may refuse the message; its Close is still to be read.
    beast::flat_buffer buffer;
    co_await stream.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
    if (error == beast::websocket::error::closed) {
        const auto& reason = stream.reason();
        result.closed = close_notice{static_cast<std::uint16_t>(reason.code), std::string(reason.reason.data(), reason.reason.size())};
    } else if (error) {
        result.error = error.message();
    } else {
        result.message = beast::buffers_to_string(buffer.data());
        co_await stream.async_close(beast::websocket::close_code::normal, asio::redirect_error(asio::use_awaitable, error));
    }
}

asio::awaitable<void> ask_websocket(const line& what, tcp::endpoint where, outcome& result) {
    websocket_stream stream(co_await asio::this_coro::executor);
    beast::get_lowest_layer(stream).expires_after(patience);
    co_await beast::get_lowest_layer(stream).async_connect(where, asio::use_awaitable);
    beast::get_lowest_layer(stream).expires_never();
    stream.set_option(beast::websocket::stream_base::timeout{patience, patience, false});
    stream.set_option(beast::websocket::stream_base::decorator([&what](beast::websocket::request_type& request) {
        for (const named_value& header : what.headers) {
            request.insert(header.name, header.value);
        }
    }));
    beast::websocket::response_type response;
    boost::system::error_code error;
    const std::string host = "127.0.0.1:" + std::to_string(where.port());
    co_await stream.async_handshake(response, host, what.target, asio::redirect_error(asio::use_awaitable, error));
    result.status = response.result_int();
    result.body = response.body();
    result.subprotocol = std::string(response[beast::http::field::sec_websocket_protocol]);
    if (error == beast::websocket::error::upgrade_declined) {
        co_return;
    }
    if (error) {
        result.error = error.message();
        co_return;
    }
    co_await exchange_messages(stream, result);
}

} // namespace

outcome ask(const line& what, std::uint16_t port) {
    outcome result;
    asio::io_context context(1);
    const tcp::endpoint where(asio::ip::address_v4::loopback(), port);
    const auto note_failure = [&result](const std::exception_ptr& failure) {
        try {
            if (failure) {
                std::rethrow_exception(failure);
            }
        } catch (const std::exception& error) {
            result.error = error.what();
        }
    };
    if (what.websocket) {
        asio::co_spawn(context, ask_websocket(what, where, result), note_failure);
    } else {
        asio::co_spawn(context, ask_http(what, where, result), note_failure);
    }
    context.run();
    return result;
}

} // namespace bearward::proxy::demo
