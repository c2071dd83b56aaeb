#include "proxy/event/socket_file.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sched.h>
#include <stdexcept>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {
namespace {

constexpr mode_t socket_mode = 0660;

[[noreturn]] void fail(const char* what, int error) {
    throw std::runtime_error(std::string(what) + ": " + std::strerror(error));
}

/// Of its own Bearward at a time: between the look at a file and its removal another
/// one must not put its own there. Without it (a folder that can't be read, somebody
/// who never lets go) things go on as they would.
class folder_lock {
public:
    explicit folder_lock(const std::string& path) {
        auto folder = std::filesystem::path(path).parent_path().string();
        folder_ = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{1};
        while (folder_ >= 0 && ::flock(folder_, LOCK_EX | LOCK_NB) != 0 && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
    }
    ~folder_lock() {
        if (folder_ >= 0) {
            ::close(folder_); // lets go of it
        }
    }
    folder_lock(const folder_lock&) = delete;
    folder_lock& operator=(const folder_lock&) = delete;

private:
    int folder_ = -1;
};

struct unix_address {
    explicit unix_address(const std::string& path) {
        if (path.size() >= sizeof local.sun_path) {
            throw std::runtime_error("a path of at most " + std::to_string(sizeof local.sun_path - 1) + " bytes is possible");
        }
        local.sun_family = AF_UNIX;
        path.copy(local.sun_path, path.size());
    }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&local); }

    sockaddr_un local{};
};

/// A socket file that refuses connections is what a crash leaves behind.
void remove_stale(const unix_address& at) {
    struct stat status{};
    if (::lstat(at.local.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return;
    }
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const bool refused = probe >= 0 && ::connect(probe, at.get(), sizeof at.local) != 0 && errno == ECONNREFUSED;
    ::close(probe);
    if (refused) {
        ::unlink(at.local.sun_path);
    }
}

/// The file's mode is the socket's less the umask, which belongs to the whole process:
/// a child has its own. Setting the mode afterwards would come late, and could meet
/// another file under the name. The child shares the table of descriptors: with copies,
/// what a worker closes meanwhile would stay in its epoll set. And it takes no signal,
/// since our handlers would report it twice. Returns an errno, 0: done.
int bind_without_umask(int socket, const unix_address& at) {
    ::fchmod(socket, socket_mode);
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const auto child = static_cast<pid_t>(::syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
    const int cloning = errno;
    if (child != 0) {
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    if (child < 0) {
        return cloning;
    }
    if (child == 0) { // nothing but system calls here, bare ones: other threads may hold any lock, a sanitizer's too
        ::syscall(SYS_umask, 0);
        const long done = ::syscall(SYS_bind, socket, at.get(), sizeof at.local);
        ::syscall(SYS_exit_group, done == 0 ? 0 : errno);
    }
    int status = 0;
    pid_t ended = -1;
    do {
        ended = ::waitpid(child, &status, 0);
    } while (ended < 0 && errno == EINTR);
    if (ended == child) {
        return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    }
    // Children are not waited for where SIGCHLD is ignored; the socket tells.
    sockaddr_un bound{};
    socklen_t size = sizeof bound;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
    return size > offsetof(sockaddr_un, sun_path) ? 0 : EADDRINUSE;
}

bool same_file(const struct stat& one, const struct stat& other) {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

} // namespace

socket_file socket_file::bind(int socket, const std::string& path) {
    const unix_address at(path);
    const folder_lock alone(path);
    remove_stale(at);
    if (const int error = bind_without_umask(socket, at); error != 0) {
        fail("bind", error);
    }
    socket_file made = adopt(path);
    if (::listen(socket, SOMAXCONN) != 0) {
        const int error = errno;
        made.remove();
        fail("listen", error);
    }
    return made;
}

socket_file socket_file::adopt(const std::string& path) {
    socket_file made;
    const int own = ::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (own >= 0) {
        made.path_ = path;
        made.own_ = std::shared_ptr<int>(new int(own), [](const int* opened) {
            ::close(*opened);
            delete opened;
        });
    }
    return made;
}

void socket_file::give_up() noexcept {
    path_.clear();
    own_.reset();
}

void socket_file::remove() noexcept {
    if (path_.empty()) {
        return;
    }
    const std::string path = std::exchange(path_, {});
    const folder_lock alone(path);
    struct stat own{};
    struct stat present{};
    if (::fstat(*own_, &own) == 0 && ::lstat(path.c_str(), &present) == 0 && S_ISSOCK(present.st_mode) && same_file(own, present)) {
        ::unlink(path.c_str());
    }
    own_.reset();
}

} // namespace bearward::proxy
