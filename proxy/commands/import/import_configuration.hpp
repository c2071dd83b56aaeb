// A peer's configuration as ours: text in, text and notes out. No file and no network is touched.
#pragma once

#include "proxy/commands/import/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::commands::importing {

enum class peer : std::uint8_t { oauth2_proxy, envoy, nginx };

/// As on the command line: oauth2-proxy, envoy, nginx.
[[nodiscard]] std::optional<peer> find_peer(std::string_view word);
[[nodiscard]] std::string peer_words();

struct import_result {
    std::optional<std::string> text; ///< nothing: the file could not be read at all, notes say why
    std::vector<note> notes;
    std::vector<std::string> placeholders; ///< what a person has to fill in

    [[nodiscard]] bool opens() const;
};

/// `name` is how the file is called.
[[nodiscard]] import_result import_configuration(peer from, const std::string& text, const std::string& name);

/// The readers. Each fills in what it understands, and a note for everything else.
void read_oauth2_proxy(const std::string& text, imported& out);
void read_envoy(const std::string& text, imported& out);
void read_nginx(const std::string& text, imported& out);

} // namespace bearward::proxy::commands::importing
