#include "proxy/event/pipe_pool.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

TEST(pipe_pool_test, lends_so_many_and_again_what_came_back) {
    pipe_pool pool;
    std::vector<std::unique_ptr<splice_pipe>> lent;
    for (std::size_t index = 0; index < pipe_pool::most; ++index) {
        lent.push_back(pool.borrow());
        ASSERT_NE(lent.back(), nullptr);
    }
    EXPECT_EQ(pool.borrow(), nullptr);
    const auto* const one = lent.back().get();
    pool.give_back(std::move(lent.back()));
    EXPECT_EQ(pool.borrow().get(), one);
}

TEST(pipe_pool_test, lends_none_that_holds_anothers_bytes) {
    pipe_pool pool;
    auto used = pool.borrow();
    const int end = ::dup(used->out());
    ASSERT_EQ(::write(used->in(), "x", 1), 1);
    used->held = 1;
    pool.give_back(std::move(used));
    const auto next = pool.borrow();
    char byte = 0;
    EXPECT_LT(::read(next->out(), &byte, 1), 0); // empty
    EXPECT_EQ(::read(end, &byte, 1), 1);
    EXPECT_EQ(::read(end, &byte, 1), 0); // and its writing end is closed
    ::close(end);
}

} // namespace
} // namespace bearward::proxy
