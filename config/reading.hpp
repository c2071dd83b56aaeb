// The state of one load: where complaints go, the environment, and the files
// that were read. Used by one thread.
#pragma once

#include "config/configuration.hpp"
#include "config/document.hpp"
#include "config/sources.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::config {

/// A value of the document and where it stands.
struct cursor {
    const node& value;
    const key_path& path;
};

class reading {
public:
    /// `options` must outlive this.
    reading(std::string file, const load_options& options) : documents_{std::move(file)}, options_(options) {}

    /// Another document of the same configuration: its number, for node::file.
    [[nodiscard]] std::uint32_t add_document(std::string file);
    [[nodiscard]] const std::vector<std::string>& documents() const noexcept { return documents_; }
    [[nodiscard]] const std::string& file_of(const node& value) const { return documents_[value.file]; }

    [[nodiscard]] place place_of(const cursor& at) const;
    /// Always false, so that a reader can return it.
    bool error(const cursor& at, std::string message);
    void error(const place& at, std::string message);
    void warning(const place& at, warning_code code, std::string message);
    /// A remark that needs no action.
    void note(const place& at, std::string message);

    [[nodiscard]] bool offline() const noexcept { return options_.offline; }
    [[nodiscard]] const revocations_in_force& in_force() const noexcept { return options_.in_force; }
    [[nodiscard]] std::optional<std::string> environment(const std::string& name) const;

    /// A path that a document names at a place, relative to the document's folder.
    [[nodiscard]] std::string resolve(const cursor& at, std::string_view path) const;
    /// The whole of a regular file of at most 1 MiB. Error: the reason.
    [[nodiscard]] file_content read_file(const std::string& path);
    /// As read_file, but of at most 64 MiB: for lists that grow.
    [[nodiscard]] file_content read_large_file(const std::string& path);

    /// Part of the configuration: a regular file of at most 16 MiB.
    [[nodiscard]] file_content read_document(const std::string& path);
    /// The files that a pattern matches, by name. Error: the reason.
    [[nodiscard]] matches match_files(const std::string& pattern);

    [[nodiscard]] std::vector<diagnostic>& diagnostics() noexcept { return diagnostics_; }
    /// Every file that was asked for, whether it could be read or not.
    [[nodiscard]] sources& read_so_far() noexcept { return sources_; }
    [[nodiscard]] bool failed() const noexcept;

private:
    file_content read_and_remember(const std::string& path, file_content (*read)(const std::string&));

    std::vector<std::string> documents_; ///< the main one first
    const load_options& options_;
    std::vector<diagnostic> diagnostics_;
    sources sources_;
};

/// "; found 'abc'", "; found a list", ...
[[nodiscard]] std::string describe(const node& value);

/// Whether the scalar is text: quoted, from the environment, or plain and not
/// null, a number or a boolean in YAML 1.2.
[[nodiscard]] bool is_text(const node& value) noexcept;

/// Complains about what isn't among the accepted words: not built yet, or a
/// near miss.
[[nodiscard]] std::string refuse_word(std::string_view written, std::span<const std::string> accepted,
                                      std::span<const std::string> not_yet);

/// Puts the environment's values into the scalars of a tree: ${NAME},
/// ${NAME:-default}, ${NAME:?message}; $${ is a literal ${.
void substitute_environment(reading& state, node& tree);

} // namespace bearward::config
