// A growing block of bytes that are read but not yet dealt with.
#pragma once

#include "policies/invariant.hpp"

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace bearward::proxy {

/// Bytes stay where they are until make_space() is called: views into data()
/// hold until then.
class read_buffer {
public:
    [[nodiscard]] std::string_view data() const noexcept { return {block_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    /// Room behind the data, for a read; moves the data to the front, or to a
    /// larger block, when less than `at_least` is left. Invalidates views.
    [[nodiscard]] std::span<char> make_space(std::size_t at_least) {
        if (empty()) {
            begin_ = end_ = 0;
        }
        if (capacity_ - end_ < at_least) {
            relocate(at_least);
        }
        return {block_.get() + end_, capacity_ - end_};
    }
    /// `count` bytes were read into the space.
    void commit(std::size_t count) noexcept {
        policies::invariant(count <= capacity_ - end_, "no more bytes are read than there is room for");
        end_ += count;
    }
    /// The first `count` bytes are done with.
    void consume(std::size_t count) noexcept {
        policies::invariant(count <= size(), "no more bytes are done with than were read");
        begin_ += count;
    }
    /// Takes back what was consumed since the position was read, as long as make_space() was not called.
    [[nodiscard]] std::size_t position() const noexcept { return begin_; }
    void rewind(std::size_t position) noexcept {
        policies::invariant(position <= begin_, "only what was consumed is taken back");
        begin_ = position;
    }

    /// Forgets the data, and the block when it has grown beyond `keep`.
    void clear(std::size_t keep) noexcept {
        begin_ = end_ = 0;
        if (capacity_ > keep) {
            block_.reset();
            capacity_ = 0;
        }
    }

private:
    void relocate(std::size_t at_least) {
        const std::size_t held = size();
        if (capacity_ - held >= at_least) {
            std::memmove(block_.get(), block_.get() + begin_, held);
        } else {
            const std::size_t wanted = held + at_least;
            auto larger = std::make_unique_for_overwrite<char[]>(wanted);
            if (held != 0) {
                std::memcpy(larger.get(), block_.get() + begin_, held);
            }
            block_ = std::move(larger);
            capacity_ = wanted;
        }
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace bearward::proxy
