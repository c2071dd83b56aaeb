#include "config/json_schema.hpp"
#include "proxy/commands/commands.hpp"
#include "proxy/commands/json_text.hpp"

#include <iostream>

namespace bearward::proxy::commands {

int print_schema() {
    std::string text;
    append_pretty_json(text, config::make_json_schema());
    std::cout << text << '\n' << std::flush;
    return std::cout ? 0 : 1;
}

} // namespace bearward::proxy::commands
