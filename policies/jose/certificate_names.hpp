// What a certificate says of its owner, as text that can be compared and forwarded.
#pragma once

#include "policies/clock.hpp"

#include <openssl/types.h>

#include <cstddef>
#include <string>
#include <vector>

namespace bearward::policies::jose {

struct certificate_names {
    /// Its distinguished name as RFC 2253 writes it: printable ASCII, everything else escaped.
    /// Empty: it has none, or none that can be read.
    std::string subject;
    /// Its dNSName entries that are host names (RFC 5280 section 4.2.1.6), in lower case and in
    /// their order. What is none is left out: a wildcard, which names no one host, and bytes that
    /// would read as something else where names are compared or listed (NUL, `,`, blanks).
    std::vector<std::string> dns;
    /// Its uniformResourceIdentifier entries of printable ASCII without blanks, likewise.
    std::vector<std::string> uris;
    /// Its end (notAfter). What can't be read has ended.
    time_point not_after = time_point::min();
};

/// Of one kind; further ones are left out.
inline constexpr std::size_t most_certificate_names = 128;

[[nodiscard]] certificate_names read_certificate_names(const X509& certificate);

} // namespace bearward::policies::jose
