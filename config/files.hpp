// Reads whole files with a bound. Only `reading` and `load` call these, so that
// all that a load read is known.
#pragma once

#include <expected>
#include <string>

namespace bearward::config {

/// A regular file of at most 1 MiB (keys, secrets). Error: the reason.
[[nodiscard]] std::expected<std::string, std::string> read_regular_file(const std::string& path);

/// The same of at most 64 MiB (lists of revoked credentials).
[[nodiscard]] std::expected<std::string, std::string> read_large_regular_file(const std::string& path);

/// Part of a configuration: a regular file of at most 16 MiB. Error: the reason.
[[nodiscard]] std::expected<std::string, std::string> read_regular_document(const std::string& path);

/// A configuration: any kind of file but folders, pipes included, of at most
/// 16 MiB. Error: the reason.
[[nodiscard]] std::expected<std::string, std::string> read_configuration_file(const std::string& path);

} // namespace bearward::config
