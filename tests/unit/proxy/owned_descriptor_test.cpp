#include "proxy/event/owned_descriptor.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <utility>

namespace bearward::proxy {
namespace {

bool is_open(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) != -1;
}

int open_one() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST(owned_descriptor, closes_what_nobody_has_taken) {
    const int descriptor = open_one();
    {
        owned_descriptor first(descriptor);
        const owned_descriptor second(std::move(first));
        EXPECT_TRUE(is_open(descriptor));
    }
    EXPECT_FALSE(is_open(descriptor));
}

TEST(owned_descriptor, leaves_what_was_taken_to_its_taker) {
    const int descriptor = open_one();
    {
        owned_descriptor owner(descriptor);
        EXPECT_EQ(owner.release(), descriptor);
    }
    EXPECT_TRUE(is_open(descriptor));
    ::close(descriptor);
}

TEST(owned_descriptor, closes_its_own_when_it_gets_another) {
    const int before = open_one();
    const int after = open_one();
    {
        owned_descriptor owner(before);
        owner = owned_descriptor(after);
        EXPECT_FALSE(is_open(before));
        EXPECT_TRUE(is_open(after));
    }
    EXPECT_FALSE(is_open(after));
}

} // namespace
} // namespace bearward::proxy
