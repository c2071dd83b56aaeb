// A loaded, checked and compiled configuration: what serving needs.
#pragma once

#include "config/settings.hpp"
#include "config/sources.hpp"
#include "policies/snapshot.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bearward::config {

/// One line for the user: `FILE:LINE:COL: error: PATH.TO.KEY: what is wrong`.
struct diagnostic {
    enum class kind : std::uint8_t { error, warning };
    kind severity = kind::error;
    mark where;
    std::string key_path; ///< "providers.main.algorithms[0]"; empty: the document
    std::string message;
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
    error_settings errors;
    log_settings log;
    std::vector<test_settings> tests;
    std::shared_ptr<const policies::snapshot> rules;
    boost::json::object effective; ///< every setting as it counts, secrets masked
};

struct load_options {
    bool offline = false;      ///< read no secrets and key files
    bool regular_only = false; ///< refuse a pipe as the configuration: a second reading of it may never end
    /// Looks up an environment variable; empty: the process's own.
    std::function<std::optional<std::string>(const std::string&)> environment;
};

struct load_result {
    std::optional<configuration> loaded; ///< nothing when there are errors
    std::vector<diagnostic> diagnostics; ///< all of them, in file order
    sources read;                        ///< also of a load that failed, as far as it came
};

/// Reads, checks and compiles a configuration file. Never throws for what a
/// user can write; every problem is a diagnostic.
[[nodiscard]] load_result load_file(const std::string& path, const load_options& options = {});

/// The same from text, for tests and the demo; `name` stands for the file.
[[nodiscard]] load_result load_text(const std::string& text, const std::string& name, const load_options& options = {});

} // namespace bearward::config
