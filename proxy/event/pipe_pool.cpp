#include "proxy/event/pipe_pool.hpp"

#include "policies/invariant.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {
namespace {

using policies::invariant;

ssize_t move_bytes(int from, int to, std::size_t most, unsigned flags) noexcept {
    while (true) {
        const auto moved = ::splice(from, nullptr, to, nullptr, most, flags | SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (moved >= 0 || errno != EINTR) {
            invariant(moved <= static_cast<ssize_t>(most), "the kernel moves no more bytes than it is asked to");
            return moved;
        }
    }
}

} // namespace

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

ssize_t splice_pipe::fill(int from, std::size_t most) noexcept {
    invariant(held_ == 0, "only an empty pipe is filled");
    const auto moved = move_bytes(from, in_, most, 0);
    held_ = moved > 0 ? static_cast<std::size_t>(moved) : 0;
    return moved;
}

ssize_t splice_pipe::drain(int to, bool more) noexcept {
    const auto moved = move_bytes(out_, to, held_, more ? SPLICE_F_MORE : 0U);
    held_ -= moved > 0 ? static_cast<std::size_t>(moved) : 0;
    return moved;
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
    invariant(used != nullptr && borrowed_ > 0, "a pipe that is given back was borrowed");
    --borrowed_;
    if (used->held() == 0) {
        keep(std::move(used));
    }
}

void pipe_pool::keep(std::unique_ptr<splice_pipe> empty) noexcept {
    invariant(empty->held() == 0, "a pipe that is lent again holds nobody's bytes");
    idle_.push_back(std::move(empty));
}

} // namespace bearward::proxy
