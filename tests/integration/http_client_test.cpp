// What is fetched for decisions: an answer, whole and bounded, or why there is none.
#include "tests/support/fetching_thread.hpp"
#include "tests/support/raw_socket.hpp"
#include "tests/support/scripted_upstream.hpp"

#include <gmock/gmock.h>

#include <array>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace bearward::test {
namespace {

using namespace std::chrono_literals;
using namespace proxy;
using testing::HasSubstr;

TEST(http_client_test, gives_the_answer_whole_whatever_its_status) {
    scripted_upstream server(answer_always("HTTP/1.1 418 Teapot\r\nCache-Control: max-age=5\r\nAge: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
                                           "3\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"));
    fetching_thread at;
    const auto answer = at.fetch("http://127.0.0.1:" + std::to_string(server.port()) + "/a?b");
    ASSERT_TRUE(answer.has_value()) << answer.error();
    EXPECT_EQ(answer->status, 418U);
    EXPECT_EQ(answer->body, "abcde");
    EXPECT_EQ(answer->cache_control, "max-age=5");
    EXPECT_EQ(answer->age, "3");
}

TEST(http_client_test, bounds_an_answer_by_its_length_and_by_its_chunks) {
    const std::string large(1001, 'x');
    for (const auto& answer : {answer_of(large), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + large + "\r\n0\r\n\r\n",
                               "HTTP/1.1 200 OK\r\n\r\n" + large}) {
        scripted_upstream server(answer_always(answer));
        fetching_thread at;
        const auto got = at.fetch("http://127.0.0.1:" + std::to_string(server.port()) + "/");
        ASSERT_FALSE(got.has_value());
        EXPECT_THAT(got.error(), HasSubstr("longer than 1000 bytes")) << answer.substr(0, 60);
    }
}

TEST(http_client_test, a_line_that_does_not_end_is_no_answer) {
    scripted_upstream server([](raw_socket& peer, std::size_t) {
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;extension=");
        for (int left = 1000; left != 0; --left) {
            peer.send(std::string(65'536, 'x'));
        }
    });
    fetching_thread at;
    const auto got = at.fetch("http://127.0.0.1:" + std::to_string(server.port()) + "/");
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().find("no answer within"), std::string::npos) << got.error();
}

/// A socket to which nobody can connect in time: its queue is full.
class full_queue {
public:
    full_queue() {
        const auto made = listen_on_second_address(find_closed_port());
        listener_ = made.descriptor;
        port = made.port;
        ::listen(listener_, 0);
        for (auto& each : waiting_) {
            each = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
            sockaddr_in to{};
            to.sin_family = AF_INET;
            to.sin_port = htons(port);
            to.sin_addr.s_addr = htonl(0x7F000002);
            ::connect(each, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        }
    }
    ~full_queue() {
        for (const int each : waiting_) {
            ::close(each);
        }
        ::close(listener_);
    }
    full_queue(const full_queue&) = delete;
    full_queue& operator=(const full_queue&) = delete;

    std::uint16_t port = 0;

private:
    int listener_ = -1;
    std::array<int, 8> waiting_{};
};

TEST(http_client_test, an_address_that_does_not_answer_leaves_time_for_the_next) {
    const full_queue hanging;
    scripted_upstream server(answer_always(answer_of("{}")), hanging.port); // on 127.0.0.1
    fetching_thread at([](const std::string&) -> upstream::lookup_result {
        return std::vector{asio::ip::make_address("127.0.0.2"), asio::ip::make_address("127.0.0.1")};
    });
    const auto got = at.fetch("http://id.test:" + std::to_string(hanging.port) + "/", 2s);
    ASSERT_TRUE(got.has_value()) << got.error();
    EXPECT_EQ(got->body, "{}");
}

TEST(http_client_test, a_name_that_is_not_known_is_said) {
    fetching_thread at([](const std::string&) -> upstream::lookup_result { return std::unexpected("Name or service not known"); });
    const auto got = at.fetch("http://id.test/", 2s);
    ASSERT_FALSE(got.has_value());
    EXPECT_THAT(got.error(), HasSubstr("Name or service not known"));
}

} // namespace
} // namespace bearward::test
