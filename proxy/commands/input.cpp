#include "proxy/commands/input.hpp"

#include <array>
#include <iostream>
#include <utility>

namespace bearward::proxy::commands {

std::expected<std::string, std::string> read_token(const std::string& given) {
    constexpr std::size_t most = 1024 * 1024; // far above every limits.max_token
    constexpr std::string_view white = " \t\r\n";
    std::string text = given;
    if (given == "-") {
        text.clear();
        std::array<char, 4'096> block{};
        while (text.size() <= most && (std::cin.read(block.data(), block.size()) || std::cin.gcount() > 0)) {
            text.append(block.data(), static_cast<std::size_t>(std::cin.gcount()));
        }
        if (text.size() > most) {
            return std::unexpected("there is more than 1 MiB on stdin: that is no token");
        }
    }
    const std::size_t first = text.find_first_not_of(white);
    if (first == std::string::npos) {
        return std::unexpected(given == "-" ? "no token on stdin" : "the token is empty");
    }
    return text.substr(first, text.find_last_not_of(white) + 1 - first);
}

std::optional<config::configuration> load_or_complain(const std::string& file, const config::load_options& options) {
    config::load_result result = config::load_file(file, options);
    if (!result.loaded) {
        for (const auto& problem : result.diagnostics) {
            std::cerr << to_string(problem) << '\n';
        }
    }
    return std::move(result.loaded);
}

} // namespace bearward::proxy::commands
