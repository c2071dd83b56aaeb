#include "proxy/event/listening_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bearward::proxy {
namespace {

using ::testing::HasSubstr;

/// Closes what it holds.
struct holder {
    explicit holder(listening what) : held(std::move(what)) {}
    ~holder() { close(); }
    holder(const holder&) = delete;
    holder& operator=(const holder&) = delete;
    void close() {
        std::ranges::for_each(held.sockets, ::close);
        held.sockets.clear();
    }
    [[nodiscard]] std::uint16_t port() const {
        return static_cast<std::uint16_t>(std::stoul(held.address.substr(held.address.rfind(':') + 1)));
    }

    listening held;
};

config::endpoint tcp(const std::string& host, std::uint16_t port = 0) {
    const std::string shown = host.contains(':') ? '[' + host + ']' : host;
    return {.text = shown + ':' + std::to_string(port), .host = host, .port = port, .unix_path = {}};
}

std::string why_not(const config::endpoint& where, std::size_t shares = 1) {
    try {
        const holder taken(listen_on(where, shares));
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

class unix_listening_test : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "bearward-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        where_.unix_path = folder_ / "socket";
        where_.text = "unix:" + where_.unix_path;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] bool exists() const { return std::filesystem::exists(where_.unix_path); }

    std::filesystem::path folder_;
    config::endpoint where_;
};

TEST_F(unix_listening_test, a_socket_is_for_its_owner_and_group) {
    for (const mode_t mask : {0022U, 0077U, 0777U, 0U}) {
        const auto before = ::umask(mask);
        const holder made(listen_on(where_));
        EXPECT_EQ(::umask(before), mask) << "the process's own umask is left alone";
        struct stat status{};
        ASSERT_EQ(::stat(where_.unix_path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0660U);
        EXPECT_EQ(made.held.address, where_.text);
    }
}

TEST_F(unix_listening_test, it_has_that_mode_from_the_first_instant_on) {
    const auto before = ::umask(0);
    std::atomic<bool> done{false};
    std::atomic<unsigned> seen{0};
    std::thread looks([&] {
        while (!done) {
            struct stat status{};
            if (::lstat(where_.unix_path.c_str(), &status) == 0) {
                seen |= status.st_mode & 0777U;
            }
        }
    });
    for (int round = 0; round < 100; ++round) {
        holder made(listen_on(where_));
        made.held.file.remove();
    }
    done = true;
    looks.join();
    ::umask(before);
    EXPECT_EQ(seen & ~0660U, 0U);
}

TEST_F(unix_listening_test, all_who_share_have_one_queue) {
    const holder made(listen_on(where_, 3));
    EXPECT_EQ(made.held.sockets.size(), 3U);
    struct stat first{};
    struct stat last{};
    ::fstat(made.held.sockets.front(), &first);
    ::fstat(made.held.sockets.back(), &last);
    EXPECT_EQ(first.st_ino, last.st_ino);
}

TEST_F(unix_listening_test, what_a_crash_left_behind_is_replaced) {
    holder(listen_on(where_)).close();
    ASSERT_TRUE(exists());
    EXPECT_EQ(why_not(where_), "");
}

TEST_F(unix_listening_test, a_socket_on_which_somebody_listens_stays) {
    const holder first(listen_on(where_));
    EXPECT_EQ(why_not(where_), "can't listen on " + where_.text + ": bind: Address already in use");
    EXPECT_TRUE(exists());
}

TEST_F(unix_listening_test, of_many_who_come_at_once_one_gets_it) {
    holder(listen_on(where_)).close(); // stale
    std::atomic<int> got{0};
    std::atomic<bool> all_tried{false};
    std::vector<std::jthread> rivals;
    std::atomic<int> tried{0};
    for (int index = 0; index < 8; ++index) {
        rivals.emplace_back([&] {
            try {
                holder mine(listen_on(where_));
                ++got;
                ++tried;
                all_tried.wait(false);
            } catch (const std::runtime_error&) {
                ++tried;
            }
        });
    }
    while (tried < 8) {
        std::this_thread::yield();
    }
    EXPECT_EQ(got, 1);
    EXPECT_THAT(why_not(where_), HasSubstr("in use")) << "its file is still there";
    all_tried = true;
    all_tried.notify_all();
}

TEST_F(unix_listening_test, a_file_that_is_no_socket_stays) {
    std::ofstream(where_.unix_path) << "precious";
    EXPECT_THAT(why_not(where_), HasSubstr("in use"));
    EXPECT_EQ(std::filesystem::file_size(where_.unix_path), 8U);
}

TEST_F(unix_listening_test, a_link_is_not_followed) {
    std::filesystem::create_symlink(folder_ / "elsewhere", where_.unix_path);
    EXPECT_THAT(why_not(where_), HasSubstr("in use"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
}

TEST_F(unix_listening_test, a_path_that_is_too_long_is_told) {
    where_.unix_path = "/" + std::string(200, 'x');
    EXPECT_THAT(why_not(where_), HasSubstr("at most 107 bytes"));
}

TEST_F(unix_listening_test, only_our_own_file_is_removed) {
    holder first(listen_on(where_));
    first.held.file.remove();
    EXPECT_FALSE(exists());

    holder second(listen_on(where_));
    std::filesystem::rename(where_.unix_path, folder_ / "moved");
    const holder other(listen_on(where_));
    second.held.file.remove();
    EXPECT_TRUE(exists()) << "somebody else took the path over";
}

TEST_F(unix_listening_test, nor_one_that_got_the_same_number_after_ours_was_gone) {
    for (int round = 0; round < 20; ++round) {
        holder mine(listen_on(where_));
        mine.close();
        holder other(listen_on(where_)); // ours looks stale
        mine.held.file.remove();
        ASSERT_TRUE(exists());
        other.held.file.remove();
    }
}

TEST(tcp_listening_test, both_families_and_names_can_be_listened_on) {
    for (const std::string host : {"127.0.0.1", "::1", "localhost"}) {
        const holder made(listen_on(tcp(host)));
        EXPECT_NE(made.port(), 0) << host;
    }
}

TEST(tcp_listening_test, those_who_share_have_the_same_port) {
    const holder made(listen_on(tcp("127.0.0.1"), 4));
    EXPECT_EQ(made.held.sockets.size(), 4U);
    for (const int each : made.held.sockets) {
        sockaddr_in local{};
        socklen_t size = sizeof local;
        ::getsockname(each, static_cast<sockaddr*>(static_cast<void*>(&local)), &size);
        EXPECT_EQ(ntohs(local.sin_port), made.port());
    }
}

TEST(tcp_listening_test, connections_are_spread_over_those_who_share) {
    const holder made(listen_on(tcp("127.0.0.1"), 4));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(made.port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::vector<int> clients;
    for (int index = 0; index < 200; ++index) {
        clients.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(::connect(clients.back(), static_cast<sockaddr*>(static_cast<void*>(&to)), sizeof to), 0);
    }
    for (const int each : made.held.sockets) {
        int count = 0;
        for (int accepted = 0; (accepted = ::accept(each, nullptr, nullptr)) >= 0; ++count) {
            ::close(accepted);
        }
        EXPECT_GT(count, 10) << "the first one, which was alone at first, shares like the others";
    }
    std::ranges::for_each(clients, ::close);
}

TEST(tcp_listening_test, an_address_where_somebody_listens_is_an_error_also_where_both_would_share) {
    for (const std::size_t theirs : {1U, 3U}) {
        const holder first(listen_on(tcp("127.0.0.1"), theirs));
        for (const std::size_t ours : {1U, 3U}) {
            for (const std::string host : {"127.0.0.1", "0.0.0.0", "::"}) {
                const auto where = tcp(host, first.port());
                EXPECT_EQ(why_not(where, ours), "can't listen on " + where.text + ": bind: Address already in use");
            }
        }
    }
}

TEST(tcp_listening_test, a_wildcard_of_both_families_takes_ipv4_too) {
    for (const std::size_t shares : {1U, 3U}) {
        const holder made(listen_on(tcp("::"), shares));
        EXPECT_EQ(made.held.address, "[::]:" + std::to_string(made.port()));
        EXPECT_THAT(why_not(tcp("127.0.0.1", made.port())), HasSubstr("in use"));
    }
    const holder loopback(listen_on(tcp("::1")));
    EXPECT_EQ(why_not(tcp("127.0.0.1", loopback.port())), "");
}

TEST(tcp_listening_test, an_address_is_free_again_though_connections_linger) {
    std::uint16_t port = 0;
    {
        holder made(listen_on(tcp("127.0.0.1"), 2));
        port = made.port();
    }
    EXPECT_EQ(why_not(tcp("127.0.0.1", port), 2), "");
}

} // namespace
} // namespace bearward::proxy
