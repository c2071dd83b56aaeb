// The file of a unix socket that this process has bound. Who takes the path over
// later makes another file, which is not ours to remove.
#pragma once

#include <memory>
#include <string>

namespace bearward::proxy {

class socket_file {
public:
    /// None.
    socket_file() = default;
    /// Binds `socket` (AF_UNIX, stream) to `path` and listens. The file has the mode 0660
    /// from its first instant on, whatever the umask: others are let in by the group or
    /// the folder that it lies in. A socket file on which nobody listens is replaced, any
    /// other file is an error. Throws std::runtime_error with the reason.
    static socket_file bind(int socket, const std::string& path);

    /// The file of a socket that another process bound and has given up; none where it is gone.
    static socket_file adopt(const std::string& path);

    /// Whether there is one.
    [[nodiscard]] bool exists() const noexcept { return !path_.empty(); }
    /// It is another process's from now on.
    void give_up() noexcept;
    /// Removes the file if it is still the same. Idempotent.
    void remove() noexcept;

private:
    std::string path_;         ///< empty: none
    std::shared_ptr<int> own_; ///< an open descriptor of the file, so that no other gets its number
};

} // namespace bearward::proxy
