#include "proxy/downstream/open_listener.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bearward::proxy::downstream {
namespace {

class open_listener_test : public testing::Test {
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

TEST_F(open_listener_test, a_unix_socket_is_for_its_owner_and_group) {
    for (const mode_t mask : {0022U, 0077U, 0U}) {
        const auto before = ::umask(mask);
        const int listening = open_listener(where_);
        ::umask(before);
        struct stat status{};
        ASSERT_EQ(::stat(where_.unix_path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0660U);
        EXPECT_EQ(bound_address(listening), where_.text);
        ::close(listening);
    }
}

TEST_F(open_listener_test, what_a_crash_left_behind_is_replaced) {
    ::close(open_listener(where_));
    ASSERT_TRUE(exists());
    const int again = open_listener(where_);
    EXPECT_GE(again, 0);
    ::close(again);
}

TEST_F(open_listener_test, a_socket_on_which_somebody_listens_stays) {
    const int first = open_listener(where_);
    EXPECT_THROW(static_cast<void>(open_listener(where_)), std::runtime_error);
    EXPECT_TRUE(exists());
    ::close(first);
}

TEST_F(open_listener_test, a_file_that_is_no_socket_stays) {
    std::ofstream(where_.unix_path) << "precious";
    EXPECT_THROW(static_cast<void>(open_listener(where_)), std::runtime_error);
    EXPECT_EQ(std::filesystem::file_size(where_.unix_path), 8U);
}

TEST_F(open_listener_test, only_our_own_file_is_removed) {
    const int first = open_listener(where_);
    socket_file file(where_);
    file.remove();
    EXPECT_FALSE(exists());
    ::close(first);

    const int second = open_listener(where_);
    socket_file replaced(where_);
    std::filesystem::rename(where_.unix_path, folder_ / "moved");
    const int other = open_listener(where_);
    replaced.remove();
    EXPECT_TRUE(exists()) << "somebody else took the path over";
    ::close(second);
    ::close(other);
}

TEST_F(open_listener_test, both_families_of_ip_can_be_listened_on) {
    for (const std::string host : {"127.0.0.1", "::1", "localhost"}) {
        config::endpoint where;
        where.host = host;
        where.text = host + ":0";
        const int listening = open_listener(where);
        EXPECT_NE(bound_port(listening), 0) << host;
        ::close(listening);
    }
}

} // namespace
} // namespace bearward::proxy::downstream
