// A private directory that goes away with its owner.
#pragma once

#include <filesystem>
#include <string_view>

namespace bearward::proxy::demo {

class temporary_directory {
public:
    /// Makes PREFIXxxxxxx below the system's directory for temporary files, only
    /// for this user. Throws std::system_error.
    explicit temporary_directory(std::string_view prefix);
    /// Removes it with all that is in it.
    ~temporary_directory();
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Writes a file in it. Throws std::system_error.
    void write(std::string_view name, std::string_view text) const;

private:
    std::filesystem::path path_;
};

} // namespace bearward::proxy::demo
