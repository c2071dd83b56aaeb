#include "proxy/event/inherited_sockets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fcntl.h>
#include <functional>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

using testing::HasSubstr;

config::endpoint loopback(std::uint16_t port) {
    return {.text = "127.0.0.1:" + std::to_string(port), .host = "127.0.0.1", .port = port, .unix_path = {}};
}

struct bound_socket {
    bound_socket() {
        const listening made = listen_on(loopback(0));
        address = made.address;
        descriptor = made.sockets.front();
    }
    [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))); }

    std::string address;
    int descriptor;
};

std::vector<inherited_socket> list(int descriptor, const std::string& name) {
    std::vector<inherited_socket> sockets;
    sockets.push_back({owned_descriptor(descriptor), name});
    return sockets;
}

void close_all(const listening& made) {
    std::ranges::for_each(made.sockets, ::close);
}

std::string why_not(const std::function<void()>& step) {
    try {
        step();
    } catch (const std::runtime_error& failure) {
        return failure.what();
    }
    return "";
}

TEST(inherited_sockets, fit_by_name_whatever_their_address) {
    const bound_socket passed;
    inherited_sockets all(list(passed.descriptor, "public"));
    const listening made = all.listen("public", loopback(1), 1);
    EXPECT_EQ(made.address, passed.address);
    EXPECT_EQ(made.sockets, std::vector<int>{passed.descriptor});
    EXPECT_TRUE(all.empty());
    close_all(made);
}

TEST(inherited_sockets, fit_by_address_where_no_name_does) {
    const bound_socket passed;
    inherited_sockets all(list(passed.descriptor, "bearward.socket"));
    const listening made = all.listen("public", loopback(passed.port()), 3);
    EXPECT_EQ(made.address, passed.address);
    EXPECT_EQ(made.sockets.size(), 3U) << "each worker has a copy, of one queue";
    for (const int each : made.sockets) {
        EXPECT_EQ(bound_address(each), passed.address);
        EXPECT_NE(::fcntl(each, F_GETFL) & O_NONBLOCK, 0);
        EXPECT_NE(::fcntl(each, F_GETFD) & FD_CLOEXEC, 0);
    }
    close_all(made);
}

TEST(inherited_sockets, all_of_an_address_are_kept_though_there_are_fewer_workers) {
    const listening shared = listen_on(loopback(0), 3);
    std::vector<inherited_socket> passed;
    for (const int each : shared.sockets) {
        passed.push_back({owned_descriptor(each), ""});
    }
    inherited_sockets all(std::move(passed));
    const auto port = static_cast<std::uint16_t>(std::stoul(shared.address.substr(shared.address.rfind(':') + 1)));
    const listening made = all.listen("public", loopback(port), 2);
    EXPECT_EQ(made.sockets.size(), 3U);
    close_all(made);
}

TEST(inherited_sockets, without_one_that_fits_the_address_is_opened_and_the_rest_is_an_error) {
    const bound_socket passed;
    inherited_sockets all(list(passed.descriptor, "other"));
    const listening made = all.listen("public", loopback(0), 1);
    EXPECT_NE(made.address, passed.address);
    close_all(made);
    EXPECT_THAT(why_not([&] { all.refuse_rest(); }), HasSubstr("'other' on " + passed.address + " fits no listener"));
    EXPECT_EQ(why_not([] { inherited_sockets().refuse_rest(); }), "");
}

TEST(inherited_sockets, that_do_not_listen_are_refused) {
    EXPECT_THAT(why_not([] { inherited_sockets(list(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "a")); }),
                HasSubstr("does not listen"));
    EXPECT_THAT(why_not([] { inherited_sockets(list(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "a")); }),
                HasSubstr("is no stream socket"));
    EXPECT_THAT(why_not([] { inherited_sockets(list(::open("/dev/null", O_RDONLY | O_CLOEXEC), "a")); }), HasSubstr("is no stream socket"));
}

TEST(inherited_sockets, of_different_addresses_are_not_one_listener) {
    const bound_socket one;
    const bound_socket other;
    auto both = list(one.descriptor, "public");
    both.push_back({owned_descriptor(other.descriptor), "public"});
    inherited_sockets all(std::move(both));
    EXPECT_THAT(why_not([&] { (void)all.listen("public", loopback(0), 1); }), HasSubstr("of different addresses"));
}

} // namespace
} // namespace bearward::proxy
