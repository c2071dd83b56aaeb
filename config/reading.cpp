#include "config/reading.hpp"

#include "config/encoding.hpp"
#include "config/files.hpp"
#include "config/scalars.hpp"
#include "config/suggestion.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace bearward::config {

place reading::place_of(const cursor& at) const {
    return {{file_of(at.value), at.value.line, at.value.column}, to_string(at.path)};
}

bool reading::error(const cursor& at, std::string message) {
    error(place_of(at), std::move(message));
    return false;
}

void reading::error(const place& at, std::string message) {
    diagnostics_.push_back({diagnostic::kind::error, at.where, at.path, std::move(message)});
}

void reading::warning(const place& at, warning_code code, std::string message) {
    diagnostics_.push_back({diagnostic::kind::warning, at.where, at.path, std::move(message), code});
}

void reading::note(const place& at, std::string message) {
    diagnostics_.push_back({diagnostic::kind::note, at.where, at.path, std::move(message)});
}

std::optional<std::string> reading::environment(const std::string& name) const {
    if (options_.environment) {
        return options_.environment(name);
    }
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

std::uint32_t reading::add_document(std::string file) {
    documents_.push_back(std::move(file));
    return static_cast<std::uint32_t>(documents_.size() - 1);
}

std::string reading::resolve(const cursor& at, std::string_view path) const {
    const std::filesystem::path written(path);
    return written.is_absolute() ? written.string() : (std::filesystem::path(file_of(at.value)).parent_path() / written).string();
}

file_content reading::read_file(const std::string& path) {
    return read_and_remember(path, &read_regular_file);
}

file_content reading::read_large_file(const std::string& path) {
    return read_and_remember(path, &read_large_regular_file);
}

file_content reading::read_document(const std::string& path) {
    return read_and_remember(path, &read_regular_document);
}

matches reading::match_files(const std::string& pattern) {
    matches found = find_matches(pattern);
    sources_.patterns.push_back({pattern, found});
    return found;
}

file_content reading::read_and_remember(const std::string& path, file_content (*read)(const std::string&)) {
    file_content content = read(path);
    const auto same = [&](const source_file& each) { return each.path == path && each.read == read; };
    // Of two readings the first counts: if the second gave something else, the file is changing, and a look at it will tell.
    if (std::ranges::none_of(sources_.files, same)) {
        sources_.files.push_back({path, read, fingerprint_of(content)});
    }
    return content;
}

bool reading::failed() const noexcept {
    return std::ranges::any_of(diagnostics_, [](const diagnostic& each) { return each.severity == diagnostic::kind::error; });
}

std::string describe(const node& value) {
    switch (value.type) {
    case node::kind::sequence:
        return "; found a list";
    case node::kind::map:
        return "; found a map";
    case node::kind::scalar:
        // What the environment holds may be a secret, and so is what stands between a name and an @.
        if (const std::size_t user = value.text.find('@'); user != std::string::npos && value.text.find(':') < user) {
            return "; found text with what may be a password";
        }
        return value.substituted ? "; the environment gave something else" : "; found " + quote(value.text);
    case node::kind::null:
    case node::kind::broken:
        break;
    }
    return "; found nothing";
}

bool is_text(const node& value) noexcept {
    return value.type == node::kind::scalar && (!value.plain || value.substituted || type_of_plain(value.text) == scalar_type::text);
}

std::string refuse_word(std::string_view written, std::span<const std::string> accepted, std::span<const std::string> not_yet) {
    if (std::ranges::find(not_yet, written) != not_yet.end()) {
        return quote(written) + " isn't supported yet; accepted: " + join(accepted);
    }
    return quote(written) + " isn't accepted; accepted: " + join(accepted) + suggest(written, accepted);
}

} // namespace bearward::config
