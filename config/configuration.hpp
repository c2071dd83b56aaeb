// A loaded, checked and compiled configuration: what serving needs.
#pragma once

#include "config/settings.hpp"
#include "config/sources.hpp"
#include "config/warning_code.hpp"
#include "policies/snapshot.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

/// One line for the user: `FILE:LINE:COL: error: PATH.TO.KEY: what is wrong`; a
/// warning ends with its code in brackets. A note asks for no action.
struct diagnostic {
    enum class kind : std::uint8_t { error, warning, note };
    kind severity = kind::error;
    mark where;
    std::string key_path; ///< "providers.main.algorithms[0]"; empty: the document
    std::string message;
    std::optional<warning_code> code{}; ///< of a warning, and of the note that an allowed one became
};

[[nodiscard]] std::string to_string(const diagnostic& what);

/// Settings of the proxy itself, in the order in which they were written.
/// policies::rules::route::upstream and ::listeners are indices into these.
struct configuration {
    unsigned threads = 0; ///< 0: auto
    std::string user;     ///< empty: whoever started it
    std::vector<listener_settings> listeners;
    admin_settings admin;
    policies::requests::trusted_peers trusted_proxies;
    std::vector<upstream_settings> upstreams;
    limit_settings limits;
    header_settings headers;
    std::optional<tracing_settings> tracing;
    error_settings errors;
    log_settings log;
    std::vector<test_settings> tests;
    std::shared_ptr<const policies::snapshot> rules;
    std::vector<key_source_settings> key_sources;                ///< of those of rules->providers that fetch their keys
    std::vector<introspection_endpoint> introspection_endpoints; ///< of those that ask their issuers
    std::vector<std::string> revocation_files;                   ///< of rules->providers, in their order; empty: none
    std::vector<std::optional<redis_settings>> revocation_redis; ///< of rules->providers, in their order
    std::vector<std::string> refused_revocation_lines;           ///< of files in force before, `FILE:LINE: why`; the others count
    boost::json::object effective;                               ///< every setting as it counts, secrets masked
};

/// The revocation lists of a configuration that is served.
struct revocations_in_force {
    std::shared_ptr<const policies::snapshot> rules; ///< null: nothing is served
    std::vector<std::string> files;                  ///< configuration::revocation_files
};

struct load_options {
    bool offline = false;      ///< read no secrets and key files
    bool regular_only = false; ///< refuse a pipe as the configuration: a second reading of it may never end
    /// What is served until now. A bad line of a revocation file that is read again is
    /// left out instead of an error, and an entry that has gone counts until a second
    /// reading.
    revocations_in_force in_force;
    /// Looks up an environment variable; empty: the process's own.
    std::function<std::optional<std::string>(const std::string&)> environment;
};

struct load_result {
    std::optional<configuration> loaded; ///< nothing when there are errors
    std::vector<diagnostic> diagnostics; ///< all of them, in file order
    sources read;                        ///< also of a load that failed, as far as it came
    log_settings log;                    ///< likewise, so that errors are written in its format
};

/// Reads, checks and compiles a configuration file. Never throws for what a
/// user can write; every problem is a diagnostic.
[[nodiscard]] load_result load_file(const std::string& path, const load_options& options = {});

/// The same from text, for tests and the demo; `name` stands for the file.
[[nodiscard]] load_result load_text(const std::string& text, const std::string& name, const load_options& options = {});

} // namespace bearward::config
