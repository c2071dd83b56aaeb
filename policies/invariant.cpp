#include "policies/invariant.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

namespace bearward::policies {
namespace {

/// A line of a fixed size; what is too long is cut.
class short_line {
public:
    void add(std::string_view text) noexcept { size_ += text.copy(bytes_.data() + size_, most - size_); }
    void add(unsigned number) noexcept {
        size_ = static_cast<std::size_t>(std::to_chars(bytes_.data() + size_, bytes_.data() + most, number).ptr - bytes_.data());
    }
    [[nodiscard]] std::string_view end() noexcept {
        bytes_[size_++] = '\n';
        return {bytes_.data(), size_};
    }

private:
    static constexpr std::size_t most = 511;

    std::array<char, most + 1> bytes_{};
    std::size_t size_ = 0;
};

} // namespace

void end_with_broken_invariant(fixed_text what, std::source_location where) noexcept {
    short_line line;
    line.add(where.file_name());
    line.add(":");
    line.add(where.line());
    line.add(": broken invariant: ");
    line.add(what.get());
    const std::string_view text = line.end();
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size()); // who can't be told is ended all the same
    std::abort();
}

} // namespace bearward::policies
