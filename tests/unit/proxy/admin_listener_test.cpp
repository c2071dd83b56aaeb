#include "proxy/admin/admin_listener.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

config::endpoint loopback(std::uint16_t port = 0) {
    return {.text = "127.0.0.1:" + std::to_string(port), .host = "127.0.0.1", .port = port, .unix_path = {}};
}

config::endpoint unix_socket(const std::string& path) {
    return {.text = "unix:" + path, .host = {}, .port = 0, .unix_path = path};
}

/// An admin listener on its own thread.
class running_server {
public:
    explicit running_server(const config::endpoint& address = loopback(), std::vector<std::string> hosts = {},
                            admin_scope scope = admin_scope::everything)
        : server_(std::make_unique<admin_listener>(context_, address, std::move(hosts), source(), scope)),
          thread_([this] { context_.run(); }) {}
    ~running_server() {
        std::promise<void> closed;
        asio::post(context_, [this, &closed] {
            server_.reset();
            closed.set_value();
        });
        closed.get_future().wait();
        work_.reset();
        thread_.join(); // ends only when every coroutine has
    }
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;

    [[nodiscard]] std::string address() const { return server_->address(); }
    [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(std::stoi(address().substr(address().rfind(':') + 1))); }
    void close() {
        std::promise<void> closed;
        asio::post(context_, [this, &closed] {
            server_->close();
            closed.set_value();
        });
        closed.get_future().wait();
    }
    /// The answer to a reload that somebody asks for; waits for that.
    void answer_reload(const reload_outcome& outcome) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(asked_.wait_for(lock, std::chrono::seconds(10), [this] { return !waiting_.empty(); }));
        waiting_.front()(outcome);
        waiting_.erase(waiting_.begin());
    }
    [[nodiscard]] bool was_asked_to_reload() {
        const std::lock_guard lock(mutex_);
        return !waiting_.empty();
    }
    std::atomic<bool> ready{true};

private:
    admin_source source() {
        return {.why_not_ready = [this]() -> std::optional<std::string> {
                    return ready ? std::nullopt : std::optional<std::string>("the provider main has no keys");
                },
                .status = [] { return boost::json::object{{"version", "0.1.0"}}; },
                .metrics = [] { return std::string("some_total 1\n"); },
                .config = [] { return boost::json::object{{"version", 1}}; },
                .reload =
                    [this](reload_answer done) {
                        const std::lock_guard lock(mutex_);
                        waiting_.push_back(std::move(done));
                        asked_.notify_all();
                    }};
    }

    std::mutex mutex_;
    std::condition_variable asked_;
    std::vector<reload_answer> waiting_;
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::unique_ptr<admin_listener> server_;
    std::thread thread_;
};

void limit_waiting(int socket) {
    const timeval limit{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

/// Sends the bytes and reads until the server closes.
template <typename Protocol>
std::string ask(const typename Protocol::endpoint& where, std::string_view sent) {
    asio::io_context context;
    typename Protocol::socket socket(context);
    socket.connect(where);
    limit_waiting(socket.native_handle());
    boost::system::error_code error;
    asio::write(socket, asio::buffer(sent), error);
    std::string received;
    std::array<char, 4'096> part{};
    while (!error) {
        const auto size = ::read(socket.native_handle(), part.data(), part.size());
        if (size <= 0) {
            break;
        }
        received.append(part.data(), static_cast<std::size_t>(size));
    }
    return received;
}

std::string ask(const running_server& server, std::string_view sent) {
    return ask<asio::ip::tcp>({asio::ip::address_v4::loopback(), server.port()}, sent);
}

std::string request(std::string_view line, std::string_view host = "localhost", std::string_view more = "") {
    std::string text(line);
    text += " HTTP/1.1\r\nHost: ";
    text += host;
    text += "\r\nConnection: close\r\n";
    text += more;
    return text + "\r\n";
}

boost::json::object body_of(std::string_view response) {
    return boost::json::parse(std::string(response.substr(response.find("\r\n\r\n") + 4))).as_object();
}

TEST(admin_listener, answers_healthz_readyz_and_status_as_json) {
    running_server server;
    const auto health = ask(server, request("GET /healthz"));
    EXPECT_THAT(health, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(health, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(health, HasSubstr("Cache-Control: no-store\r\n"));
    EXPECT_EQ(body_of(health), (boost::json::object{{"status", "ok"}}));
    EXPECT_EQ(body_of(ask(server, request("GET /readyz?verbose=1"))).at("status").as_string(), "ready");
    EXPECT_EQ(body_of(ask(server, request("GET /status"))).at("version").as_string(), "0.1.0");
}

TEST(admin_listener, readyz_says_why_it_is_not_ready) {
    running_server server;
    server.ready = false;
    const auto answer = ask(server, request("GET /readyz"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_EQ(body_of(answer).at("reason").as_string(), "the provider main has no keys");
    EXPECT_THAT(ask(server, request("GET /healthz")), StartsWith("HTTP/1.1 200 "));
}

TEST(admin_listener, metrics_are_prometheus_text) {
    running_server server;
    const auto answer = ask(server, request("GET /metrics"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\nsome_total 1\n"));
    EXPECT_THAT(ask(server, request("GET /metrics", "evil.example.com")), Not(HasSubstr("some_total")));
}

TEST(admin_listener, config_is_the_effective_configuration) {
    running_server server;
    EXPECT_EQ(body_of(ask(server, request("GET /config"))), (boost::json::object{{"version", 1}}));
    EXPECT_THAT(ask(server, request("POST /config")), StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(ask(server, request("GET /config", "evil.example")), StartsWith("HTTP/1.1 403 "));
}

TEST(admin_listener, the_listener_for_probes_answers_only_them_and_under_any_host) {
    running_server server(loopback(), {}, admin_scope::probes);
    for (const char* host : {"10.1.2.3:9902", "bearward.internal", "localhost"}) {
        EXPECT_THAT(ask(server, request("GET /healthz", host)), StartsWith("HTTP/1.1 200 ")) << host;
        EXPECT_THAT(ask(server, request("GET /readyz", host)), StartsWith("HTTP/1.1 200 ")) << host;
        EXPECT_THAT(ask(server, request("GET /metrics", host)), StartsWith("HTTP/1.1 200 ")) << host;
    }
    EXPECT_THAT(ask(server, "GET /healthz HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200 "));
    EXPECT_THAT(ask(server, "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    for (const char* path : {"/status", "/config", "/", "/jwks.json", "/reload", "/healthz/../config", "/metrics/config"}) {
        EXPECT_THAT(ask(server, request(std::string("GET ") + path)), StartsWith("HTTP/1.1 404 ")) << path;
    }
    EXPECT_THAT(ask(server, request("POST /metrics")), StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(ask(server, request("POST /reload", "localhost", "Content-Type: application/json\r\n")), StartsWith("HTTP/1.1 404 "));
    EXPECT_FALSE(server.was_asked_to_reload());
}

TEST(admin_listener, post_reload_answers_once_the_reload_is_done_and_others_meanwhile) {
    running_server server;
    const std::string post = request("POST /reload", "localhost", "Content-Type: application/json\r\nContent-Length: 0\r\n");
    auto good = std::async(std::launch::async, [&] { return ask(server, post); });
    while (!server.was_asked_to_reload()) {
        EXPECT_THAT(ask(server, request("GET /healthz")), StartsWith("HTTP/1.1 200 "));
    }
    EXPECT_THAT(ask(server, request("GET /healthz")), StartsWith("HTTP/1.1 200 "));
    server.answer_reload({.success = true, .errors = {}});
    const auto success = good.get();
    EXPECT_THAT(success, StartsWith("HTTP/1.1 200 "));
    EXPECT_EQ(body_of(success), (boost::json::object{{"result", "success"}}));

    auto bad = std::async(std::launch::async, [&] { return ask(server, post); });
    server.answer_reload({.success = false, .errors = {"a.yaml:1:2: error: \"b\": wrong"}});
    const auto failure = bad.get();
    EXPECT_THAT(failure, StartsWith("HTTP/1.1 422 "));
    EXPECT_EQ(body_of(failure),
              (boost::json::object{{"result", "failure"}, {"errors", boost::json::array{"a.yaml:1:2: error: \"b\": wrong"}}}));
}

TEST(admin_listener, a_post_that_a_page_of_another_site_could_send_reloads_nothing) {
    running_server server;
    const std::string json = "Content-Type: application/json\r\n";
    for (const std::string& more :
         {std::string(), std::string("Content-Type: text/plain\r\n"), std::string("Content-Type:\r\n"), json + json,
          json + "Origin: http://localhost:9901\r\n", json + "Origin: null\r\n", json + "Origin:\r\n",
          std::string("Content-Type: text/plain, application/json\r\n"), std::string("Content-Type: application/json, text/plain\r\n")}) {
        EXPECT_THAT(ask(server, request("POST /reload", "localhost", more)), StartsWith("HTTP/1.1 403 ")) << more;
    }
    EXPECT_THAT(ask(server, request("POST /reload", "evil.example", json)), StartsWith("HTTP/1.1 403 "));
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
        const auto answer = ask(server, request(std::string(method) + " /reload", "localhost", json));
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 ")) << method;
        EXPECT_THAT(answer, HasSubstr("Allow: POST\r\n")) << method;
    }
    EXPECT_FALSE(server.was_asked_to_reload());
}

TEST(admin_listener, head_has_the_length_but_no_body) {
    running_server server;
    const auto answer = ask(server, request("HEAD /healthz"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 16\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(admin_listener, other_paths_and_methods_are_refused) {
    running_server server;
    EXPECT_THAT(ask(server, request("GET /")), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(ask(server, request("GET /healthz/")), StartsWith("HTTP/1.1 404 "));
    const auto post = ask(server, request("POST /status", "localhost", "Content-Length: 2\r\n") + "{}");
    EXPECT_THAT(post, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(post, HasSubstr("Allow: GET, HEAD\r\n"));
    EXPECT_EQ(body_of(post).at("detail").as_string(), "Method Not Allowed");
}

TEST(admin_listener, keeps_the_connection_for_the_next_request) {
    running_server server;
    const auto answers = ask(server, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + request("GET /readyz"));
    EXPECT_THAT(answers, HasSubstr(R"({"status":"ok"})"));
    EXPECT_THAT(answers, HasSubstr(R"({"status":"ready"})"));
}

TEST(admin_listener, a_request_of_another_site_by_dns_rebinding_is_refused) {
    running_server server;
    const auto answer = ask(server, request("GET /status", "evil.example.com"));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
    EXPECT_THAT(answer, Not(HasSubstr("0.1.0")));
}

TEST(admin_listener, configured_hosts_are_answered) {
    running_server server(loopback(), {"admin.example.com"});
    EXPECT_THAT(ask(server, request("GET /healthz", "Admin.Example.com:9901")), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(ask(server, request("GET /healthz", "x.admin.example.com")), StartsWith("HTTP/1.1 403 "));
}

TEST(admin_listener, a_missing_or_repeated_host_is_malformed) {
    running_server server;
    EXPECT_THAT(ask(server, "GET /healthz HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask(server, "GET /healthz HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 400 "));
    EXPECT_THAT(ask(server, request("GET /healthz", "localhost", "Host: localhost\r\n")), StartsWith("HTTP/1.1 400 "));
}

TEST(admin_listener, malformed_and_oversized_requests_end_the_connection) {
    running_server server;
    EXPECT_THAT(ask(server, "nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask(server, request("GET /healthz", "localhost", "X: " + std::string(9'000, 'x') + "\r\n")), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(ask(server, request("POST /status", "localhost", "Content-Length: 65537\r\n")), StartsWith("HTTP/1.1 413 "));
}

TEST(admin_listener, ambiguous_framing_smuggles_no_second_request) {
    running_server server;
    const std::string second = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (const std::string framing :
         {"Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
          "Content-Length: 0\r\nContent-Length: 0\r\n"}) {
        const auto answer = ask(server, "POST /healthz HTTP/1.1\r\nHost: localhost\r\n" + framing + "\r\n" + second);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 ")) << framing;
        EXPECT_THAT(answer, Not(HasSubstr("0.1.0"))) << framing;
    }
}

TEST(admin_listener, closing_ends_idle_connections_and_frees_the_port) {
    running_server server;
    asio::io_context context;
    asio::ip::tcp::socket idle(context);
    idle.connect({asio::ip::address_v4::loopback(), server.port()});
    limit_waiting(idle.native_handle());
    // One answer shows that the connection is known to the server.
    const std::string question = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    asio::write(idle, asio::buffer(question));
    std::array<char, 1'024> part{};
    ASSERT_GT(::read(idle.native_handle(), part.data(), part.size()), 0);
    server.close();
    EXPECT_EQ(::read(idle.native_handle(), part.data(), part.size()), 0);
    asio::ip::tcp::socket late(context);
    boost::system::error_code error;
    late.connect({asio::ip::address_v4::loopback(), server.port()}, error);
    EXPECT_EQ(error, asio::error::connection_refused);
}

TEST(admin_listener, however_many_connections_are_silent_half_sent_or_unread_a_probe_is_answered) {
    for (const admin_scope scope : {admin_scope::everything, admin_scope::probes}) {
        running_server server(loopback(), {}, scope);
        asio::io_context context;
        std::vector<asio::ip::tcp::socket> crowd;
        const auto ask_now = [&] { return ask<asio::ip::tcp>({asio::ip::address_v4::loopback(), server.port()}, request("GET /healthz")); };
        for (int index = 0; index < 1'000; ++index) {
            auto& one = crowd.emplace_back(context);
            one.connect({asio::ip::address_v4::loopback(), server.port()});
            const std::string part = index % 3 == 0 ? "" : index % 3 == 1 ? "GET /heal" : request("GET /metrics");
            boost::system::error_code ignored;
            asio::write(one, asio::buffer(part), ignored);
            if (index % 100 == 99) {
                EXPECT_THAT(ask_now(), StartsWith("HTTP/1.1 200 "));
            }
        }
        for (int index = 0; index < 5; ++index) {
            EXPECT_THAT(ask_now(), StartsWith("HTTP/1.1 200 "));
        }
    }
}

TEST(admin_listener, the_longest_idle_connection_gives_way_and_not_the_one_that_asks) {
    running_server server;
    asio::io_context context;
    std::vector<asio::ip::tcp::socket> crowd;
    std::string answer;
    for (int index = 0; index < 300; ++index) {
        crowd.emplace_back(context).connect({asio::ip::address_v4::loopback(), server.port()});
        auto& asking = crowd.front(); // the oldest, but never idle
        asio::write(asking, asio::buffer(std::string("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")));
        answer.clear();
        asio::read_until(asking, asio::dynamic_buffer(answer), "\r\n\r\n");
        ASSERT_THAT(answer, StartsWith("HTTP/1.1 200 ")) << index;
    }
    std::array<char, 1> byte{};
    boost::system::error_code error;
    crowd[1].read_some(asio::buffer(byte), error);
    EXPECT_EQ(error, asio::error::eof) << "it was silent for the longest time";
}

TEST(admin_listener, an_address_in_use_is_named) {
    running_server server;
    asio::io_context context;
    try {
        const admin_listener second(context, loopback(server.port()), {}, {});
        FAIL() << "bound twice";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(error.what(), "can't listen on 127.0.0.1:" + std::to_string(server.port()) + ": bind: Address already in use");
    }
}

class admin_listener_on_unix_socket : public testing::Test {
protected:
    admin_listener_on_unix_socket() {
        std::string pattern = (std::filesystem::temp_directory_path() / "bearward-admin-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        path = directory_ / "admin.sock";
    }
    ~admin_listener_on_unix_socket() override { std::filesystem::remove_all(directory_); }

    std::filesystem::path path;

private:
    std::filesystem::path directory_;
};

TEST_F(admin_listener_on_unix_socket, answers_and_removes_its_file_at_the_end) {
    {
        running_server server(unix_socket(path));
        EXPECT_EQ(server.address(), "unix:" + path.string());
        EXPECT_THAT(ask<asio::local::stream_protocol>(path.string(), request("GET /healthz")), StartsWith("HTTP/1.1 200 "));
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(admin_listener_on_unix_socket, replaces_a_stale_file_but_no_living_server_and_no_other_file) {
    {
        asio::io_context context;
        const asio::local::stream_protocol::acceptor left_behind(context, path.string());
    }
    ASSERT_TRUE(std::filesystem::is_socket(path));
    running_server server(unix_socket(path));
    asio::io_context context;
    EXPECT_THROW(admin_listener(context, unix_socket(path), {}, {}), std::runtime_error);
    EXPECT_THAT(ask<asio::local::stream_protocol>(path.string(), request("GET /healthz")), StartsWith("HTTP/1.1 200 "));

    const std::string file = path.string() + ".txt";
    {
        const std::unique_ptr<FILE, int (*)(FILE*)> made(std::fopen(file.c_str(), "w"), &std::fclose);
    }
    EXPECT_THROW(admin_listener(context, unix_socket(file), {}, {}), std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_regular_file(file));
}

} // namespace
} // namespace bearward::proxy
