#include "proxy/event/pipe_pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

/// Where bytes come from and go to: another pipe will do.
class ends {
public:
    ends() { EXPECT_EQ(::pipe(ends_.data()), 0); }
    ~ends() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    ends(const ends&) = delete;
    ends& operator=(const ends&) = delete;

    [[nodiscard]] int from() const noexcept { return ends_[0]; }
    [[nodiscard]] int to() const noexcept { return ends_[1]; }
    void put(std::string_view bytes) const { EXPECT_EQ(::write(to(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size())); }
    [[nodiscard]] std::string take() const {
        std::array<char, 64> block{};
        const auto got = ::read(from(), block.data(), block.size());
        return {block.data(), got < 0 ? 0 : static_cast<std::size_t>(got)};
    }

private:
    std::array<int, 2> ends_{};
};

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

TEST(pipe_pool_test, a_pipe_counts_what_passes_through_it) {
    pipe_pool pool;
    const auto pipe = pool.borrow();
    const ends source;
    const ends sink;
    source.put("some bytes");
    EXPECT_EQ(pipe->fill(source.from(), 4), 4);
    EXPECT_EQ(pipe->held(), 4U);
    EXPECT_EQ(pipe->drain(sink.to(), false), 4);
    EXPECT_EQ(pipe->held(), 0U);
    EXPECT_EQ(sink.take(), "some");
}

TEST(pipe_pool_test, lends_none_that_holds_anothers_bytes) {
    pipe_pool pool;
    const ends source;
    const ends sink;
    auto used = pool.borrow();
    source.put("another's");
    ASSERT_EQ(used->fill(source.from(), 64), 9);
    pool.give_back(std::move(used));
    const auto next = pool.borrow();
    EXPECT_EQ(next->held(), 0U);
    source.put("ours");
    ASSERT_EQ(next->fill(source.from(), 64), 4);
    ASSERT_EQ(next->drain(sink.to(), false), 4);
    EXPECT_EQ(sink.take(), "ours");
}

TEST(pipe_pool_death_test, what_was_never_borrowed_is_not_taken_back) {
    EXPECT_EXIT(pipe_pool{}.give_back(splice_pipe::open()), ::testing::KilledBySignal(SIGABRT), "was borrowed");
}

TEST(pipe_pool_death_test, a_pipe_that_holds_bytes_takes_no_others) {
    const auto pipe = splice_pipe::open();
    const ends source;
    source.put("two bodies");
    ASSERT_EQ(pipe->fill(source.from(), 3), 3);
    EXPECT_EXIT((void)pipe->fill(source.from(), 3), ::testing::KilledBySignal(SIGABRT), "only an empty pipe is filled");
}

} // namespace
} // namespace bearward::proxy
