#include "proxy/commands/readiness_probe.hpp"

#include "proxy/admin/admin_listener.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

namespace bearward::proxy::commands {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;
using testing::Optional;
using namespace std::chrono_literals;

config::endpoint loopback(std::uint16_t port) {
    return {.text = "127.0.0.1:" + std::to_string(port), .host = "127.0.0.1", .port = port, .unix_path = {}};
}

/// Asks an admin listener that is ready, or not for the given reason.
std::optional<std::string> probe_admin(const config::endpoint& at, const std::optional<std::string>& why_not) {
    asio::io_context context;
    admin_listener admin(context, at, {},
                         {.why_not_ready = [why_not] { return why_not; }, .status = [] { return boost::json::object(); }, .metrics = {}});
    config::endpoint bound = at;
    if (at.unix_path.empty()) {
        const auto address = admin.address();
        bound.port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    }
    std::jthread running([&context] { context.run_for(10s); });
    auto outcome = probe_readiness(bound, 5s);
    context.stop();
    running.join();
    return outcome;
}

/// Asks a server that reads the request, says `answer`, and closes after `wait`.
std::optional<std::string> probe_stranger(const std::string& answer, std::chrono::milliseconds wait, std::chrono::milliseconds limit) {
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    const auto port = acceptor.local_endpoint().port();
    const std::jthread server([&] {
        auto socket = acceptor.accept();
        std::string request;
        boost::system::error_code ignored;
        asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", ignored);
        asio::write(socket, asio::buffer(answer), ignored);
        std::this_thread::sleep_for(wait);
    });
    return probe_readiness(loopback(port), limit);
}

TEST(probe_readiness, nothing_is_wrong_with_a_proxy_that_is_ready) {
    EXPECT_EQ(probe_admin(loopback(0), std::nullopt), std::nullopt);
}

TEST(probe_readiness, asks_a_name_and_the_addresses_of_all_interfaces) {
    config::endpoint name = loopback(0);
    name.host = "localhost";
    EXPECT_EQ(probe_admin(name, std::nullopt), std::nullopt);
    config::endpoint all = loopback(0);
    all.host = "0.0.0.0";
    EXPECT_EQ(probe_admin(all, std::nullopt), std::nullopt);
}

TEST(probe_readiness, repeats_the_reason_of_one_that_is_not) {
    EXPECT_THAT(probe_admin(loopback(0), "the provider main has no keys"), Optional(HasSubstr("503: the provider main has no keys")));
}

TEST(probe_readiness, asks_over_a_unix_socket) {
    std::string folder = (std::filesystem::temp_directory_path() / "bearward-probe-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const config::endpoint at{.text = "unix:" + folder + "/s", .host = {}, .port = 0, .unix_path = folder + "/s"};
    EXPECT_THAT(probe_readiness(at, 5s), Optional(HasSubstr("nothing answers")));
    EXPECT_EQ(probe_admin(at, std::nullopt), std::nullopt);
    EXPECT_THAT(probe_admin(at, "shutting down"), Optional(HasSubstr("shutting down")));
    std::filesystem::remove_all(folder);
}

TEST(probe_readiness, a_path_that_no_socket_can_have_is_a_reason_and_no_crash) {
    const std::string path(500, 'x');
    EXPECT_NE(probe_readiness({.text = "unix:" + path, .host = {}, .port = 0, .unix_path = path}, 1s), std::nullopt);
}

TEST(probe_readiness, nobody_there_is_not_ready) {
    asio::io_context context;
    std::uint16_t port = 0;
    {
        const asio::ip::tcp::acceptor gone(context, {asio::ip::address_v4::loopback(), 0});
        port = gone.local_endpoint().port();
    }
    EXPECT_THAT(probe_readiness(loopback(port), 5s), Optional(HasSubstr("nothing answers: Connection refused")));
}

TEST(probe_readiness, a_silent_server_is_given_up) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THAT(probe_stranger("", 400ms, 100ms), Optional(HasSubstr("no answer within 100 ms")));
    EXPECT_THAT(probe_stranger("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", 400ms, 100ms), Optional(HasSubstr("no answer within")));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST(probe_readiness, another_program_on_the_port_is_not_ready) {
    EXPECT_THAT(probe_stranger("hello\r\n\r\n", 0ms, 5s), Optional(HasSubstr("no sound answer")));
    EXPECT_THAT(probe_stranger("", 0ms, 5s), Optional(HasSubstr("no sound answer")));
    EXPECT_THAT(probe_stranger("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 0ms, 5s), Optional(HasSubstr("302")));
    EXPECT_THAT(probe_stranger("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", 0ms, 5s), Optional(HasSubstr("no sound answer")));
}

TEST(probe_readiness, words_of_the_other_side_stay_on_one_line) {
    const std::string body = R"({"reason":"a\nb\u001b[31m)" + std::string(1'000, 'x') + "\"}";
    const auto why = probe_stranger("HTTP/1.1 503 x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body, 0ms, 5s);
    ASSERT_TRUE(why.has_value());
    EXPECT_THAT(*why, HasSubstr("a b [31mxxx"));
    EXPECT_LT(why->size(), 300U);
}

} // namespace
} // namespace bearward::proxy::commands
