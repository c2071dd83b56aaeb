// Pipes through which large bodies pass from socket to socket inside the kernel
// (splice(2)): what is neither looked at nor copied costs half.
#pragma once

#include <cstddef>
#include <memory>
#include <sys/types.h>
#include <vector>

namespace bearward::proxy {

/// Two descriptors, and how many bytes are between them: only what moves them counts them.
class splice_pipe {
public:
    /// Asked of the kernel; less is no error.
    static constexpr std::size_t capacity = std::size_t{1024} * 1024;

    /// Null: out of descriptors.
    [[nodiscard]] static std::unique_ptr<splice_pipe> open();
    ~splice_pipe();
    splice_pipe(const splice_pipe&) = delete;
    splice_pipe& operator=(const splice_pipe&) = delete;

    /// Moves up to `most` bytes of a descriptor into this, which is empty, or out of it what it
    /// holds; `more`: others follow at once. As splice(2): how many were moved, 0: the end, or
    /// -1 and errno, never EINTR. Does not block.
    [[nodiscard]] ssize_t fill(int from, std::size_t most) noexcept;
    [[nodiscard]] ssize_t drain(int to, bool more) noexcept;
    /// Bytes that came in and did not go out yet.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

private:
    splice_pipe(int in, int out) noexcept : in_(in), out_(out) {}

    int in_;
    int out_;
    std::size_t held_ = 0;
};

/// Of one thread.
class pipe_pool {
public:
    /// So many at a time: who gets none copies. The file limit leaves room for them.
    static constexpr std::size_t most = 16;

    pipe_pool() { idle_.reserve(most); }

    /// Null: there are enough, or no descriptors.
    [[nodiscard]] std::unique_ptr<splice_pipe> borrow();
    /// One that still holds bytes is closed: they belong to no other body.
    void give_back(std::unique_ptr<splice_pipe> used) noexcept;

private:
    void keep(std::unique_ptr<splice_pipe> empty) noexcept;

    std::vector<std::unique_ptr<splice_pipe>> idle_;
    std::size_t borrowed_ = 0;
};

} // namespace bearward::proxy
