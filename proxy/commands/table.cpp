#include "proxy/commands/table.hpp"

#include <algorithm>
#include <cstddef>

namespace bearward::proxy::commands {
namespace {

/// In characters: bytes that don't continue a UTF-8 sequence.
std::size_t width_of(const std::string& cell) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(cell, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

} // namespace

std::string to_columns(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        // The last cell of a row pushes nothing to the right.
        for (std::size_t column = 0; column + 1 < row.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(row[column]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            out += row[column];
            if (column + 1 < row.size()) {
                out.append(widths[column] + 2 - width_of(row[column]), ' ');
            }
        }
        out.resize(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    return out;
}

} // namespace bearward::proxy::commands
