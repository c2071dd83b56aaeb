// Which certificate a client gets that asks for a name (SNI, RFC 6066 section 3).
// Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::proxy::tls {

/// Whether a certificate's name covers the asked one: equal in any case, or
/// `*.example.com` for exactly one label in place of the `*` (RFC 6125 section
/// 6.4.3). A final dot of the asked name doesn't count.
[[nodiscard]] bool covers(std::string_view name, std::string_view asked) noexcept;

/// The index of the certificate to show: the first with that very name, else the
/// first with a fitting wildcard, else 0. `certificates`: the names of each.
[[nodiscard]] std::size_t choose_certificate(std::span<const std::vector<std::string>> certificates, std::string_view asked) noexcept;

} // namespace bearward::proxy::tls
