#include "config/files.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace bearward::config {

namespace {

constexpr std::size_t mebibyte = std::size_t{1024} * 1024;

std::string reason_of(int error) {
    return std::generic_category().message(error);
}

class descriptor {
public:
    explicit descriptor(int value) : value_(value) {}
    ~descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int value() const noexcept { return value_; }

private:
    int value_;
};

std::expected<std::string, std::string> read_bounded(const std::string& path, bool regular_only, std::size_t limit) {
    // A pipe that nobody writes to must not hang the load of a key.
    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | (regular_only ? O_NONBLOCK : 0)));
    if (file.value() < 0) {
        return std::unexpected(reason_of(errno));
    }
    struct stat about{};
    if (::fstat(file.value(), &about) != 0) {
        return std::unexpected(reason_of(errno));
    }
    if (S_ISDIR(about.st_mode)) {
        return std::unexpected(reason_of(EISDIR));
    }
    if (regular_only && !S_ISREG(about.st_mode)) {
        return std::unexpected("not a regular file");
    }
    std::string content;
    std::array<char, std::size_t{16} * 1024> block{};
    while (true) {
        const ssize_t count = ::read(file.value(), block.data(), block.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return std::unexpected(reason_of(errno));
        }
        if (count == 0) {
            return content;
        }
        content.append(block.data(), static_cast<std::size_t>(count));
        if (content.size() > limit) {
            return std::unexpected("larger than " + std::to_string(limit / mebibyte) + " MiB");
        }
    }
}

} // namespace

std::expected<std::string, std::string> read_regular_file(const std::string& path) {
    return read_bounded(path, true, mebibyte);
}

std::expected<std::string, std::string> read_large_regular_file(const std::string& path) {
    return read_bounded(path, true, 64 * mebibyte);
}

std::expected<std::string, std::string> read_regular_document(const std::string& path) {
    return read_bounded(path, true, 16 * mebibyte);
}

std::expected<std::string, std::string> read_configuration_file(const std::string& path) {
    return read_bounded(path, false, 16 * mebibyte);
}

} // namespace bearward::config
