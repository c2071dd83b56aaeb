#include "proxy/commands/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace bearward::proxy::commands {
namespace {

std::string last_error() {
    return std::system_category().message(errno);
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

bool is_there(const std::string& path) {
    struct stat found{};
    return ::lstat(path.c_str(), &found) == 0;
}

std::expected<void, std::string> write_new_file(const std::string& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file < 0) {
        return std::unexpected(last_error());
    }
    std::string why = write_all(file, text) ? "" : last_error();
    if (::close(file) != 0 && why.empty()) {
        why = last_error();
    }
    if (!why.empty()) {
        ::unlink(path.c_str());
        return std::unexpected(why);
    }
    return {};
}

} // namespace bearward::proxy::commands
