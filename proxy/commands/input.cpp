#include "proxy/commands/input.hpp"

#include <array>
#include <iostream>
#include <utility>

namespace bearward::proxy::commands {

namespace {

/// What people paste around a token: white space, quotes, a comma, the header's
/// name and the scheme.
std::string_view unwrap(std::string_view text) {
    constexpr std::string_view around = " \t\r\n\"'`,;";
    const auto strip = [&] {
        text.remove_prefix(std::min(text.find_first_not_of(around), text.size()));
        text = text.substr(0, text.find_last_not_of(around) + 1);
    };
    strip();
    for (const std::string_view word : {std::string_view("Authorization:"), std::string_view("Bearer ")}) {
        if (policies::requests::equal_names(text.substr(0, word.size()), word)) {
            text.remove_prefix(word.size());
            strip();
        }
    }
    return text;
}

} // namespace

std::expected<std::string, std::string> read_token(const std::string& given) {
    constexpr std::size_t most = std::size_t{1024} * 1024; // far above every limits.max_token
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
    const std::string_view token = unwrap(text);
    if (token.empty()) {
        return std::unexpected(given == "-" ? "no token on stdin" : "the token is empty");
    }
    // Terminals and mails break long lines; no token has white space in it.
    std::string joined(token);
    std::erase_if(joined, [](char byte) { return byte == '\r' || byte == '\n'; });
    return joined;
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
