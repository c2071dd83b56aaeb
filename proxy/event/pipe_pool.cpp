#include "proxy/event/pipe_pool.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {

std::unique_ptr<splice_pipe> splice_pipe::open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) {
        return nullptr;
    }
    (void)::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(capacity)); // a user with many pipes gets small ones
    return std::unique_ptr<splice_pipe>(new splice_pipe(ends[1], ends[0]));
}

splice_pipe::~splice_pipe() {
    ::close(in_);
    ::close(out_);
}

std::unique_ptr<splice_pipe> pipe_pool::borrow() {
    if (borrowed_ == most) {
        return nullptr;
    }
    std::unique_ptr<splice_pipe> lent;
    if (idle_.empty()) {
        lent = splice_pipe::open();
    } else {
        lent = std::move(idle_.back());
        idle_.pop_back();
    }
    borrowed_ += lent ? 1 : 0;
    return lent;
}

void pipe_pool::give_back(std::unique_ptr<splice_pipe> used) noexcept {
    --borrowed_;
    if (used->held == 0) {
        idle_.push_back(std::move(used));
    }
}

} // namespace bearward::proxy
