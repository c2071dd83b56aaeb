// The state of one load: where complaints go, the environment, and the files
// that were read. Used by one thread.
#pragma once

#include "config/configuration.hpp"
#include "config/document.hpp"

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
    void warning(const place& at, std::string message);

    [[nodiscard]] bool offline() const noexcept { return options_.offline; }
    [[nodiscard]] std::optional<std::string> environment(const std::string& name) const;

    /// A path that a document names at a place, relative to the document's folder.
    [[nodiscard]] std::string resolve(const cursor& at, std::string_view path) const;
    /// The whole of a regular file of at most 1 MiB. Error: the reason.
    [[nodiscard]] std::expected<std::string, std::string> read_file(const std::string& path);
    /// As read_file, but of at most 64 MiB: for lists that grow.
    [[nodiscard]] std::expected<std::string, std::string> read_large_file(const std::string& path);

    /// Part of the configuration: a regular file of at most 16 MiB.
    [[nodiscard]] std::expected<std::string, std::string> read_document(const std::string& path);

    [[nodiscard]] std::vector<diagnostic>& diagnostics() noexcept { return diagnostics_; }
    [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }
    [[nodiscard]] bool failed() const noexcept;

private:
    void remember(const std::string& path);

    std::vector<std::string> documents_; ///< the main one first
    const load_options& options_;
    std::vector<diagnostic> diagnostics_;
    std::vector<std::string> files_;
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
