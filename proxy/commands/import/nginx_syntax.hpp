// nginx's configuration as a tree of directives. Pure and bounded.
#pragma once

#include "proxy/commands/import/model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bearward::proxy::commands::importing {

struct nginx_directive {
    int line = 0;
    std::string name;
    std::vector<std::string> words; ///< behind the name, without quotes
    std::vector<nginx_directive> block;
    bool has_block = false;

    /// A word; empty where there are not so many.
    [[nodiscard]] std::string word(std::size_t index) const { return index < words.size() ? words[index] : std::string(); }
};

struct nginx_file {
    std::vector<nginx_directive> directives;
    std::optional<note> fault; ///< it is not understood as a whole
};

[[nodiscard]] nginx_file parse_nginx(const std::string& text);

} // namespace bearward::proxy::commands::importing
