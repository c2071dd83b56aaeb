#include "proxy/commands/commands.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    try {
        return bearward::proxy::commands::run_command_line(argc, argv);
    } catch (const std::exception& failure) {
        std::cerr << "bearward: " << failure.what() << '\n';
        return 1;
    }
}
