#include "proxy/demo/temporary_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>

namespace bearward::proxy::demo {

temporary_directory::temporary_directory(std::string_view prefix) {
    std::string name = (std::filesystem::temp_directory_path() / prefix).string() + "XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), "can't make the directory " + name);
    }
    path_ = name;
}

temporary_directory::~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void temporary_directory::write(std::string_view name, std::string_view text) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out) {
        throw std::system_error(std::make_error_code(std::errc::io_error), "can't write " + file.string());
    }
}

} // namespace bearward::proxy::demo
