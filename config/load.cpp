#include "config/compile.hpp"
#include "config/configuration.hpp"
#include "config/document.hpp"
#include "config/fields.hpp"
#include "config/files.hpp"
#include "config/includes.hpp"
#include "config/reading.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace bearward::config {

namespace {

/// In the order of the files and their lines, each once: a default that is wrong
/// is found for every route.
void put_in_order(std::vector<diagnostic>& diagnostics, const std::vector<std::string>& documents) {
    const auto number = [&](const diagnostic& each) { return std::ranges::find(documents, each.where.file) - documents.begin(); };
    std::ranges::sort(diagnostics, [&](const diagnostic& left, const diagnostic& right) {
        if (left.where.file != right.where.file) {
            return std::pair(number(left), left.where.file) < std::pair(number(right), right.where.file);
        }
        return std::tie(left.where.line, left.where.column, left.key_path, left.message) <
               std::tie(right.where.line, right.where.column, right.key_path, right.message);
    });
    const auto same = [](const diagnostic& left, const diagnostic& right) {
        return left.where.file == right.where.file && left.where.line == right.where.line && left.where.column == right.where.column &&
               left.severity == right.severity && left.key_path == right.key_path && left.message == right.message;
    };
    const auto surplus = std::ranges::unique(diagnostics, same);
    diagnostics.erase(surplus.begin(), surplus.end());
}

void load_tree(reading& state, node& tree, load_result& result) {
    const key_path root{nullptr, "", 0};
    const cursor at{tree, root};
    if (tree.type == node::kind::null) {
        state.error(at, "the document is empty; the least is version, listen, upstreams and routes");
        return;
    }
    substitute_environment(state, tree);
    include_documents(state, tree);
    settings read;
    document_fields().read(state, at, read);
    result.log = read.log;
    configuration made = compile(state, std::move(read));
    if (!state.failed()) {
        result.loaded = std::move(made);
    }
}

} // namespace

load_result load_text(const std::string& text, const std::string& name, const load_options& options) {
    reading state(name, options);
    load_result result;
    if (auto tree = parse_document(text, name, state.diagnostics())) {
        load_tree(state, *tree, result);
    }
    put_in_order(state.diagnostics(), state.documents());
    result.diagnostics = std::move(state.diagnostics());
    result.read = std::move(state.read_so_far());
    return result;
}

load_result load_file(const std::string& path, const load_options& options) {
    const file_content content = options.regular_only ? read_regular_document(path) : read_configuration_file(path);
    load_result result;
    if (content) {
        result = load_text(*content, path, options);
    } else {
        result.diagnostics.push_back({diagnostic::kind::error, {path, 1, 1}, {}, "can't read the file: " + content.error()});
    }
    result.read.files.insert(result.read.files.begin(), {path, &read_regular_document, fingerprint_of(content)});
    return result;
}

} // namespace bearward::config
