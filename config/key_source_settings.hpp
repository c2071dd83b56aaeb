// Where the keys of a provider are fetched from, as the key source gets it.
#pragma once

#include "config/upstream_settings.hpp"
#include "config/url.hpp"
#include "policies/jose/algorithm.hpp"
#include "policies/tokens/issuer_pattern.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bearward::config {

enum class secret_encoding : std::uint8_t { text, base64, hex };

/// Text from a file, the environment or the configuration itself. The value is
/// read when the document is, and never shown.
struct secret_settings {
    std::string value; ///< decoded; empty when offline
    bool given = false;
    std::string file; ///< resolved path; empty: it is not from a file
    secret_encoding encoding = secret_encoding::text;

    /// The same secret: one that is read from the same file is, whatever it is now.
    friend bool operator==(const secret_settings& left, const secret_settings& right) noexcept {
        return left.given == right.given && left.file == right.file && (!left.file.empty() || left.value == right.value);
    }
};

/// How keys are fetched, as the user wrote it.
struct fetch_settings {
    milliseconds refresh{300'000};
    milliseconds min_refresh{10'000}; ///< between two fetches that unknown keys cause
    milliseconds timeout{5'000};
    milliseconds max_stale{86'400'000}; ///< keys older than this count no longer
    located_text ca;                    ///< empty: the system's
    located_text cache_file;            ///< empty: none
    located<secret_settings> authorization;
    std::vector<x509_ptr> authorities; ///< read from ca
    std::uint64_t given = 0;           ///< which fields were written, a bit each
    place at;

    friend bool operator==(const fetch_settings&, const fetch_settings&) = default;
};

/// All that a key source is made of. Equal: a reload keeps the source and its keys.
struct key_source_settings {
    std::string provider;
    bool of_events = false; ///< they verify what the issuer tells, and no tokens
    url from;
    bool discovery = false;                                ///< `from` is a discovery document
    std::vector<policies::tokens::issuer_pattern> issuers; ///< of discovery: one of them is the document's
    std::vector<policies::jose::algorithm> algorithms;
    bool allow_weak_keys = false;
    fetch_settings how;

    friend bool operator==(const key_source_settings&, const key_source_settings&) = default;
};

/// Whether both are the same provider's keys from the same place, believed for the same
/// reasons, however they are fetched and read.
[[nodiscard]] inline bool same_origin(const key_source_settings& left, const key_source_settings& right) {
    return left.provider == right.provider && left.of_events == right.of_events && left.from == right.from &&
           left.discovery == right.discovery && left.issuers == right.issuers && left.how.authorities == right.how.authorities;
}

} // namespace bearward::config
