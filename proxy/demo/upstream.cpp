#include "proxy/demo/upstream.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <string_view>
#include <thread>

namespace bearward::proxy::demo {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using request_type = beast::http::request<beast::http::string_body>;
using response_type = beast::http::response<beast::http::string_body>;

constexpr std::chrono::minutes patience{5};
constexpr std::uint64_t max_body = 16UL * 1024 * 1024;

std::string quote(std::string_view text) {
    return boost::json::serialize(boost::json::value(text));
}

/// The request as JSON, a field a line: easy to read in a terminal.
std::string describe(const request_type& request) {
    const std::string_view target(request.target().data(), request.target().size());
    const auto mark = target.find('?');
    std::string text = "{\n  \"method\": " + quote(std::string(request.method_string()));
    text += ",\n  \"path\": " + quote(target.substr(0, mark));
    text += ",\n  \"query\": " + quote(mark == std::string_view::npos ? "" : target.substr(mark + 1));
    text += ",\n  \"headers\": [";
    std::string_view separator = "\n";
    for (const auto& field : request) {
        text.append(separator).append("    [").append(quote(std::string(field.name_string())));
        text.append(", ").append(quote(std::string(field.value()))).append("]");
        separator = ",\n";
    }
    return text + "\n  ],\n  \"body_bytes\": " + std::to_string(request.body().size()) + "\n}\n";
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '<':
            escaped += "&lt;";
            break;
        case '&':
            escaped += "&amp;";
            break;
        default:
            escaped.push_back(c);
        }
    }
    return escaped;
}

response_type answer(const request_type& request) {
    response_type response{beast::http::status::ok, request.version()};
    response.keep_alive(request.keep_alive());
    if (request[beast::http::field::accept].find("text/html") != beast::string_view::npos) {
        response.set(beast::http::field::content_type, "text/html; charset=utf-8");
        response.body() = "<!doctype html>\n<title>Bearward demo</title>\n<p>The app saw this request:\n<pre>\n" +
                          escape_html(describe(request)) + "</pre>\n";
    } else {
        response.set(beast::http::field::content_type, "application/json");
        response.body() = describe(request);
    }
    response.prepare_payload();
    if (request.method() == beast::http::verb::head) {
        response.body().clear();
    }
    return response;
}

/// Sends every message back until the peer closes or is silent for too long.
asio::awaitable<void> echo(beast::tcp_stream connection, const request_type& handshake) {
    connection.expires_never();
    beast::websocket::stream<beast::tcp_stream> stream(std::move(connection));
    stream.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server));
    co_await stream.async_accept(handshake, asio::use_awaitable);
    beast::flat_buffer message;
    while (true) {
        co_await stream.async_read(message, asio::use_awaitable);
        stream.text(stream.got_text());
        co_await stream.async_write(message.data(), asio::use_awaitable);
        message.clear();
    }
}

asio::awaitable<void> serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    while (true) {
        beast::http::request_parser<beast::http::string_body> parser;
        parser.body_limit(max_body);
        stream.expires_after(patience);
        co_await beast::http::async_read(stream, buffer, parser, asio::use_awaitable);
        if (beast::websocket::is_upgrade(parser.get())) {
            co_await echo(std::move(stream), parser.get());
            co_return;
        }
        const response_type response = answer(parser.get());
        co_await beast::http::async_write(stream, response, asio::use_awaitable);
        if (!response.keep_alive()) {
            co_return;
        }
    }
}

/// A connection ends by an exception when its peer goes: that is no news here.
void end_connection(const std::exception_ptr&) {}

asio::awaitable<void> accept_connections(tcp::acceptor& acceptor) {
    while (true) {
        boost::system::error_code error;
        tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted) {
            co_return;
        }
        if (!error) {
            asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), end_connection);
        }
    }
}

} // namespace

struct upstream::state {
    asio::io_context context{1};
    tcp::acceptor acceptor{context, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
    std::thread thread;
};

upstream::upstream() : state_(std::make_unique<state>()) {
    asio::co_spawn(state_->context, accept_connections(state_->acceptor), end_connection);
    state_->thread = std::thread([context = &state_->context] { context->run(); });
}

upstream::~upstream() {
    state_->context.stop();
    state_->thread.join();
}

std::uint16_t upstream::port() const noexcept {
    boost::system::error_code ignored;
    return state_->acceptor.local_endpoint(ignored).port();
}

} // namespace bearward::proxy::demo
